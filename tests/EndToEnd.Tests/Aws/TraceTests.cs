namespace VmDataset.EndToEnd.Tests.Aws;

public class TraceTests
{
    [Fact]
    public async Task A_trace_crosses_SQS_to_a_poller_and_to_a_function()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving, settings: collector.Environment);
        var environment = cloud.Aws.Environment();
        foreach (var (name, value) in collector.Environment) environment[name] = value;
        await using var poller = new WorkerProcess(Server.Misbehaving, environment);
        await IsOneTraceAsync(cloud, collector);
        (await poller.StopAsync()).ShouldBe(0, poller.Log);

        await using var fleet = await LambdaFleet.StartAsync(cloud.Aws, Server.Misbehaving, functions: 1, settings: collector.Environment);
        await IsOneTraceAsync(cloud, collector);
    }

    private static async Task IsOneTraceAsync(Deployment cloud, OtlpCollector collector)
    {
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 2, batch_size = 1, seed = 1 });
        (await cloud.Api.EndOfAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");

        var queue = cloud.Aws.Options.QueueUrl.Split('/')[^1];
        var spans = await Eventually.GetAsync(
            () => Task.FromResult(collector.Spans.Where(span => span.Attributes.GetValueOrDefault("vm_dataset.job_id") == job).ToList()), static spans => spans.Count == 3);
        var send = spans.Single(span => span.Name == $"send {queue}");
        (send.Service, send.Attributes["messaging.system"], send.Attributes["messaging.batch.message_count"]).ShouldBe(("vm-dataset-api", "aws_sqs", "2"));
        var work = spans.Where(span => span.Name == $"process {queue}").ToList();
        work.Count.ShouldBe(2);
        work.ShouldAllBe(span => span.TraceId == send.TraceId && span.Parent == send.SpanId && span.Service == "vm-dataset-worker");
    }
}
