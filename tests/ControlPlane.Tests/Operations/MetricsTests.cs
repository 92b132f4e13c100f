namespace VmDataset.ControlPlane.Tests.Operations;

/// <summary>Exact figures need a process of their own: EndToEnd.Tests has them.</summary>
public sealed class MetricsTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Prometheus_finds_what_happened_and_what_waits()
    {
        await api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10}""");

        var text = await Eventually.GetAsync(ScrapeAsync, static text => text.Contains("vm_dataset_queue_messages{", StringComparison.Ordinal));

        text.ShouldMatch("(?m)^vm_dataset_jobs_total{.*} [1-9]");
        text.ShouldMatch("(?m)^messaging_client_sent_messages_total{.*messaging_system=\"sqlite\".*} [1-9]");
        text.ShouldMatch("(?m)^vm_dataset_queue_messages{.*vm_dataset_state=\"queued\".*} ");
        text.ShouldMatch("(?m)^http_server_request_duration_seconds_count{.*http_route=\"/v1/jobs/?\".*} [1-9]");
        text.ShouldMatch("(?m)^dotnet_gc_collections_total{");
        // Whoever scrapes is no traffic.
        text.ShouldNotContain("http_route=\"/metrics\"");
    }

    private async Task<string> ScrapeAsync()
    {
        using var client = api.Client();
        using var answer = await client.GetAsync(new Uri("/metrics", UriKind.Relative));
        answer.EnsureSuccessStatusCode().Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        return await answer.Content.ReadAsStringAsync();
    }
}
