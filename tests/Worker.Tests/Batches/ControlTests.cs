using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Tests.Batches;

/// <summary>What a worker does with messages of a job that an operator, or its failure budget, has dealt with.</summary>
public class ControlTests
{
    [Theory]
    [InlineData(JobEventType.Cancelled)]
    [InlineData(JobEventType.Paused)]
    [InlineData(JobEventType.Stopped)]
    [InlineData(JobEventType.Deleted)]
    [InlineData(JobEventType.Retried)]
    public async Task A_message_that_nobody_wants_is_dropped_when_it_is_met(JobEventType verb)
    {
        await using var worker = new WorkerHarness();
        await RecordAsync(worker, verb);
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5) with { Generation = 0 })).ShouldBe(BatchOutcome.Acknowledge);
        (await worker.KeysAsync("jobs/job/")).ShouldBe([ObjectKeys.Control("job", 1)]);
        (await worker.Queue.GetDepthAsync()).ShouldBe(new QueueDepth(0, 0, 0));
    }

    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task Work_stops_soon_and_what_is_done_is_published_and_nothing_sent_on(OutputFormat format)
    {
        await using var worker = new WorkerHarness();
        var working = worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5_000, format: format));
        await Eventually.BeTrueAsync(() => Task.FromResult(Directory.EnumerateFiles(worker.Folder, "prompt.txt", SearchOption.AllDirectories)
                .Count(static path => !path.Contains("/proofs/", StringComparison.Ordinal)) > 5
            || Directory.EnumerateFiles(worker.Folder, "*.tar*", SearchOption.AllDirectories).Any()));
        await RecordAsync(worker, JobEventType.Cancelled);

        (await working.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(BatchOutcome.Acknowledge);

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBeInRange(1, 4_999);
        (await worker.Queue.GetDepthAsync()).ShouldBe(new QueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task Samples_that_cannot_be_stored_soon_after_a_halt_are_dropped()
    {
        HangingStore? store = null;
        await using var worker = new WorkerHarness(wrapStore: files => store = new HangingStore(files));
        var working = worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 50));
        await store!.Asked.WaitAsync(TimeSpan.FromSeconds(60));

        await RecordAsync(worker, JobEventType.Cancelled);

        (await working.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(BatchOutcome.Acknowledge);
        (await worker.KeysAsync("jobs/job/done/")).ShouldBeEmpty();
        (await worker.Queue.GetDepthAsync()).ShouldBe(new QueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task A_generator_of_another_version_than_submitted_is_noted_once()
    {
        await using var worker = new WorkerHarness();
        var version = worker.Get<VmDataset.Pipeline.Generators.GeneratorCatalog>().Find("ok-generator")!.Version;
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2) with { GeneratorVersion = version });
        (await worker.KeysAsync("jobs/job/versions/")).ShouldBeEmpty();

        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 2, 2) with { GeneratorVersion = "before" });
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 4, 2) with { GeneratorVersion = "before" });

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(6);
        (await worker.KeysAsync("jobs/job/versions/")).ShouldBe([$"jobs/job/versions/ok-generator/{version}"]);
        (await worker.KeysAsync("jobs/job/control/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Failures_of_a_message_that_was_sent_anew_meanwhile_go_nowhere()
    {
        await using var worker = new WorkerHarness(sampleTimeout: TimeSpan.FromSeconds(2));
        // Index 3 never ends, so the message is in work until it is stale.
        var working = worker.ProcessAsync(WorkerHarness.Message("endless-generator", 0, 5) with { Generation = 0, Attempt = 3, TimeoutSeconds = 600 });
        await Eventually.BeTrueAsync(async () => (await worker.KeysAsync("jobs/job/data/")).Count(static key => key.EndsWith("prompt.txt", StringComparison.Ordinal)) == 4);
        await RecordAsync(worker, JobEventType.Retried);
        await working.WaitAsync(TimeSpan.FromSeconds(20));

        (await worker.DoneAsync("job", "endless-generator")).SampleCount.ShouldBe(4);
        (await worker.KeysAsync("jobs/job/dead/")).ShouldBeEmpty();
        (await worker.Queue.GetDepthAsync()).ShouldBe(new QueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task A_message_that_was_sent_after_a_pause_is_worked_on_though_the_resumption_is_not_seen_yet()
    {
        await using var worker = new WorkerHarness();
        await RecordAsync(worker, JobEventType.Paused);
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 1) with { Generation = 0 });
        await RecordAsync(worker, JobEventType.Resumed);
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 1) with { Generation = 2 });
        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(1);
    }

    [Fact]
    public async Task A_message_by_hand_belongs_to_the_newest_round()
    {
        await using var worker = new WorkerHarness();
        await RecordAsync(worker, JobEventType.Retried);
        await worker.ProcessAsync(WorkerHarness.Message("no-such-generator", 0, 5));
        (await worker.KeysAsync("jobs/job/dead/")).ShouldBe([ObjectKeys.Dead("job", 1, "no-such-generator", new SampleRange(0, 5))]);
    }

    [Fact]
    public async Task A_message_may_bring_its_own_time_limit()
    {
        await using var worker = new WorkerHarness(sampleTimeout: TimeSpan.FromSeconds(4));
        await worker.ProcessAsync(WorkerHarness.Message("endless-generator", 3, 1) with { TimeoutSeconds = 1, Attempt = 3 });
        var record = await worker.Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed("job", "endless-generator", new SampleRange(3, 1)));
        record!.Message.ShouldBe("The generator took longer than 1 s.");
    }

    [Fact]
    public async Task A_worker_that_gives_up_beyond_the_budget_stops_the_job()
    {
        await using var worker = new WorkerHarness(withApiRights: true);
        await new JobStore(worker.Store).CreateAsync(new Job
        {
            Id = "job",
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new("raises-generator", null), new("ok-generator", null)],
            StartIndex = 0,
            Samples = 100,
            BatchSize = 10,
            Seed = 1000,
            OutputFormat = OutputFormat.Files,
            MaxFailedSamples = 1,
            FailureBudgetPer = BudgetScope.Generator,
        });
        foreach (var generator in new[] { "raises-generator", "ok-generator" })
        {
            await worker.Queue.SendAsync([.. new SampleRange(0, 100).Split(10).Select(range =>
                new OutgoingMessage((WorkerHarness.Message(generator, range.Start, range.Count) with { Generation = 0, Attempt = 3 }).ToJson(), "job"))]);
        }

        await worker.DrainAsync();

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(100);
        // The other one stops after its first batch, or its second where the looks are shared.
        (await worker.DoneAsync("job", "raises-generator")).SampleCount.ShouldBeInRange(8, 40);
        var log = await worker.Get<JobEventLog>().ReadAsync("job");
        log.Events.Select(static each => (each.Type, each.Generator)).ShouldBe([(JobEventType.Stopped, "raises-generator")]);
    }

    [Fact]
    public async Task A_worker_of_its_own_writes_nothing_of_what_is_done_to_a_job()
    {
        await using var worker = new WorkerHarness(withBudget: false);
        await new JobStore(worker.Store).CreateAsync(new Job
        {
            Id = "job",
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new("raises-generator", null)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 1000,
            OutputFormat = OutputFormat.Files,
            MaxFailedSamples = 0,
        });
        await worker.Queue.SendAsync([new OutgoingMessage(
            (WorkerHarness.Message("raises-generator", 0, 10) with { Generation = 0, Attempt = 3 }).ToJson(), "job")]);

        await worker.DrainAsync();

        (await worker.DoneAsync("job", "raises-generator")).SampleCount.ShouldBe(8);
        var store = Path.Combine(worker.Folder, "store");
        string[] allowed = ["jobs/job/data/", "jobs/job/done/", "jobs/job/failed/", "jobs/job/dead/", "reuse/",
            // Of the job's creation.
            "submitted/", "pending/", ObjectKeys.Job("job")];
        Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(store, file))
            .Where(key => !allowed.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    private static async Task RecordAsync(WorkerHarness worker, JobEventType verb)
    {
        // Another process than the worker's.
        var log = new JobEventLog(worker.Store, TimeProvider.System);
        await log.AppendAsync("job", _ => log.Event(verb));
    }
}
