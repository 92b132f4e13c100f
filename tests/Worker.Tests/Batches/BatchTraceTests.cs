using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Telemetry;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Tests.Batches;

public sealed class BatchTraceTests : IDisposable
{
    private const string Sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private readonly string _job = $"job-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public BatchTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Instrumentation.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Work_on_a_message_is_a_child_of_what_sent_it_and_tells_what_came_of_it()
    {
        await using var worker = new WorkerHarness();

        await ProcessAsync(worker, WorkerHarness.Message("ok-generator", 3, 4, _job), Sender);

        var span = _spans.Single(IsMine);
        span.Kind.ShouldBe(ActivityKind.Consumer);
        span.DisplayName.ShouldBe("process queue");
        span.TraceId.ToHexString().ShouldBe("0af7651916cd43dd8448eb211c80319c");
        span.ParentSpanId.ToHexString().ShouldBe("b7ad6b7169203331");
        span.Status.ShouldBe(ActivityStatusCode.Unset);
        span.TagObjects.ShouldBe(new Dictionary<string, object?>
        {
            ["messaging.system"] = "sqlite",
            ["messaging.destination.name"] = "queue",
            ["messaging.operation.name"] = "process",
            ["messaging.operation.type"] = "process",
            ["vm_dataset.receive_count"] = 1,
            ["vm_dataset.job_id"] = _job,
            ["vm_dataset.generator"] = "ok-generator",
            ["vm_dataset.start_index"] = 3,
            ["vm_dataset.num_samples"] = 4,
            ["vm_dataset.attempt"] = 1,
            ["vm_dataset.samples_done"] = 4,
            ["vm_dataset.samples_failed"] = 0,
            ["vm_dataset.samples_handed_over"] = 0L,
            ["vm_dataset.outcome"] = "finished",
        }, ignoreOrder: true);
        _spans.Where(child => child.ParentSpanId == span.SpanId).Select(static child => child.DisplayName).ShouldBe(["draw", "publish"]);
    }

    [Fact]
    public async Task A_retry_carries_the_trace_on()
    {
        await using var worker = new WorkerHarness();

        await ProcessAsync(worker, WorkerHarness.Message("raises-generator", 0, 4, _job), Sender);

        var span = _spans.Single(IsMine);
        span.Status.ShouldBe(ActivityStatusCode.Error);
        span.GetTagItem("vm_dataset.outcome").ShouldBe("failed");
        (await worker.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.Zero)).ShouldHaveSingleItem().TraceParent.ShouldBe(span.Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-00")]
    [InlineData("what anybody may write")]
    public async Task A_message_without_a_usable_context_begins_a_trace(string? traceParent)
    {
        await using var worker = new WorkerHarness();

        await ProcessAsync(worker, WorkerHarness.Message("no-such-generator", 0, 1, _job), traceParent);

        var span = _spans.Single(IsMine);
        span.ParentId.ShouldBeNull();
        span.GetTagItem("vm_dataset.outcome").ShouldBe("given_up");
    }

    [Fact]
    public async Task A_store_that_fails_is_an_error_of_the_span()
    {
        await using var worker = new WorkerHarness(wrapStore: static store => new FullStore(store));

        await ProcessAsync(worker, WorkerHarness.Message("ok-generator", 0, 1, _job), Sender);

        var span = _spans.Single(IsMine);
        (span.Status, span.StatusDescription).ShouldBe((ActivityStatusCode.Error, "No space left on device"));
        span.GetTagItem("error.type").ShouldBe("System.IO.IOException");
        span.GetTagItem("vm_dataset.outcome").ShouldBe("given_back");
    }

    [Fact]
    public async Task Figures_name_generators_and_never_a_job()
    {
        ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Labels)> figures = new();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Meter.Name == Instrumentation.Name) listener.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => figures.Enqueue((instrument.Name, value, Labels(labels))));
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => figures.Enqueue((instrument.Name, value, Labels(labels))));
        listener.Start();
        await using var worker = new WorkerHarness();

        // No other test draws this one.
        await ProcessAsync(worker, WorkerHarness.Message("maze-data-generator", 0, 1, _job), null);
        await using var builtIn = new WorkerHarness(generators: WorkerHarness.BuiltInGenerators);
        await ProcessAsync(builtIn, WorkerHarness.Message("maze-data-generator", 0, 2, _job), null);

        var mine = figures.Where(static figure => Equals(figure.Labels.GetValueOrDefault("vm_dataset.generator"), "maze-data-generator")).ToList();
        mine.Where(static figure => figure.Name == "vm_dataset.samples").Select(static figure => (figure.Labels["vm_dataset.outcome"], figure.Value)).ShouldBe([("finished", 2), ("failed", 0)]);
        mine.Count(static figure => figure.Name == "vm_dataset.sample.duration" && figure.Value > 0).ShouldBeGreaterThanOrEqualTo(2);
        mine.Single(static figure => figure.Name == "vm_dataset.stored").Value.ShouldBe((await DataBytesAsync(builtIn)));
        figures.Where(static figure => figure.Name == "vm_dataset.batches").Select(static figure => figure.Labels["vm_dataset.outcome"]).ShouldContain("finished");
        figures.SelectMany(static figure => figure.Labels.Values).ShouldNotContain(_job);
    }

    private bool IsMine(Activity span) => Equals(span.GetTagItem("vm_dataset.job_id"), _job);

    private static async Task<long> DataBytesAsync(WorkerHarness worker)
    {
        var bytes = 0L;
        await foreach (var entry in worker.Store.ListAsync("jobs/"))
            if (entry.Key.Contains("/data/", StringComparison.Ordinal)) bytes += entry.Size;
        return bytes;
    }

    private static Task<BatchOutcome> ProcessAsync(WorkerHarness worker, BatchMessage message, string? traceParent) =>
        worker.Get<BatchProcessor>().ProcessAsync(new LeasedMessage(message.ToJson(), "test", 1, "handle") { TraceParent = traceParent }, default);

    private static Dictionary<string, object?> Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels) => new(labels.ToArray());
}
