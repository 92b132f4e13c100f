using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace VmDataset.EndToEnd.Tests;

public class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task One_trace_leads_from_a_request_to_its_last_retry_and_the_log_and_figures_agree()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var server = await new Server(Server.Misbehaving, settings: new(collector.Environment) { ["LOG_FORMAT"] = "json" }).StartAsync();
        server.Client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        // Seeds 1003 and 1008 fail, at each of three tries.
        var job = await server.SubmitAsync(new { generators = new[] { "raises-generator" }, samples = 10, batch_size = 5, seed = 1000 });
        server.Client.DefaultRequestHeaders.Remove("traceparent");
        await server.EndOfAsync(job);
        await server.DatasetAsync(job);

        var spans = await Eventually.GetAsync(() => Task.FromResult(Of(collector, TraceId)), static spans => spans.Count(static span => span.Name == "process queue") == 6);
        var request = spans.Single(static span => span.Parent == "b7ad6b7169203331");
        request.Name.ShouldStartWith("POST /v1/jobs");
        var send = spans.Single(static span => span.Name == "send queue");
        (send.Parent, send.Service, send.Attributes["messaging.batch.message_count"], send.Attributes["vm_dataset.job_id"]).ShouldBe((request.SpanId, "vm-dataset-api", "2", job));
        var tries = spans.Where(static span => span.Name == "process queue").ToLookup(static span => span.Attributes["vm_dataset.attempt"]);
        tries["1"].ShouldAllBe(span => span.Parent == send.SpanId);
        tries["2"].Select(static span => span.Parent).ShouldBe(tries["1"].Select(static span => span.SpanId), ignoreOrder: true);
        tries["3"].Select(static span => span.Parent).ShouldBe(tries["2"].Select(static span => span.SpanId), ignoreOrder: true);

        var log = server.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).ToList();
        var finished = log.Where(static line => line.GetProperty("Message").GetString()!.StartsWith("Finished ", StringComparison.Ordinal)).ToList();
        finished.Count.ShouldBe(6);
        finished.ShouldAllBe(line => Scope(line, "JobId") == job && Scope(line, "TraceId") == TraceId && Scope(line, "Generator") == "raises-generator");
        finished.Select(static line => Scope(line, "SpanId")).ShouldBeSubsetOf(spans.Select(static span => span.SpanId));

        var metrics = await server.Client.GetStringAsync("/metrics");
        Figure(metrics, "vm_dataset_jobs_total").ShouldBe(1);
        // One of them asked for the dataset.
        Figure(metrics, "messaging_client_sent_messages_total").ShouldBe(7);
        Figure(metrics, "vm_dataset_samples_total", "finished").ShouldBe(8);
        Figure(metrics, "vm_dataset_samples_total", "failed").ShouldBe(6);
        Figure(metrics, "vm_dataset_batches_total", "failed").ShouldBe(6);
        Figure(metrics, "vm_dataset_sample_duration_seconds_count").ShouldBeGreaterThanOrEqualTo(8);
        metrics.ShouldNotContain(job);
    }

    [Fact]
    public async Task A_problem_and_the_log_name_the_trace_and_no_collector_is_no_trouble()
    {
        await using var server = await new Server(Server.Misbehaving, settings: new()
        {
            ["LOG_FORMAT"] = "json",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["SHUTDOWN_SECONDS"] = "10",
        }).StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs/unknown");
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var answer = await server.Client.SendAsync(request);

        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("trace_id").GetString().ShouldBe(TraceId);
        await Eventually.BeTrueAsync(() => Task.FromResult(Regex.Count(server.Log, "\"Message\":\"Telemetry may be lost") == 1));
        await server.EndOfAsync(await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 1 }));
        (await server.StopAsync()).ShouldBe(0, server.Log);
        Regex.Count(server.Log, "\"Message\":\"Telemetry may be lost").ShouldBe(1);
    }

    internal static List<OtlpSpan> Of(OtlpCollector collector, string traceId) => [.. collector.Spans.Where(span => span.TraceId == traceId)];

    private static string? Scope(JsonElement line, string name) => line.GetProperty("Scopes").EnumerateArray()
        .Select(scope => scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty(name, out var value) ? value.GetString() : null)
        .FirstOrDefault(static value => value is not null);

    private static double Figure(string metrics, string name, string outcome = "") => double.Parse(
        Regex.Match(metrics, $$"""(?m)^{{name}}{.*{{outcome}}.*} (\S+)""").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
}
