using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Batches;

public class BatchProcessorTests
{
    [Fact]
    public async Task A_message_becomes_samples_and_one_manifest()
    {
        await using var worker = new WorkerHarness();
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 5, 7))).ShouldBe(BatchOutcome.Acknowledge);

        var keys = await worker.KeysAsync("jobs/job/");
        keys.Count.ShouldBe((7 * 5) + 1);
        keys.ShouldContain("jobs/job/data/ok-generator/ok_task/ok_00000011/ground_truth.mp4");
        var manifest = await worker.Store.GetJsonAsync<Manifest>("jobs/job/done/ok-generator/00000005-7.json");
        manifest.ShouldNotBeNull();
        (manifest.Domain, manifest.StartIndex, manifest.NumSamples, manifest.BaseSeed, manifest.Files).ShouldBe(("ok", 5, 7, 1000, 35));
        (manifest.Attempt, manifest.Worker).ShouldBe((1, $"{Environment.MachineName}:{Environment.ProcessId}"));
        manifest.Samples.Select(static sample => (sample.Index, sample.Seed)).ShouldBe(Enumerable.Range(5, 7).Select(i => (i, 1000 + i)));
        manifest.Samples.Select(static sample => sample.Fingerprint).Distinct().Count().ShouldBe(7);
        Directory.EnumerateFileSystemEntries(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "draws")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_message_changes_nothing()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 3));
        var before = await Times(worker);
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 3), receiveCount: 2)).ShouldBe(BatchOutcome.Acknowledge);
        (await Times(worker)).ShouldBe(before);
    }

    [Fact]
    public async Task A_worker_draws_only_the_missing_samples()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 2, 3));
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 8));
        (await worker.KeysAsync("jobs/job/done/")).Select(Path.GetFileName).ShouldBe(["00000000-2.json", "00000002-3.json", "00000005-3.json"]);
    }

    [Fact]
    public async Task Bytes_do_not_depend_on_batch_size_order_lanes_or_format()
    {
        SortedDictionary<string, string>? expected = null;
        foreach (var (batchSize, lanes) in new[] { (60, 2), (7, 1), (25, 2) })
        {
            await using var worker = new WorkerHarness(lanes);
            foreach (var batch in new SampleRange(0, 60).Split(batchSize).Reverse())
                await worker.ProcessAsync(WorkerHarness.Message("ok-generator", batch.Start, batch.Count));
            var data = await worker.DataAsync("job");
            data.Count.ShouldBe(60 * 5);
            expected ??= data;
            data.ShouldBe(expected);
        }
    }

    [Theory]
    // On a library's module.
    [InlineData("stateful-generator", """{"reuse":false,"keep":false,"reason":"samples differ from those drawn in processes of their own","host":5}""")]
    // There too, but its own module starts it anew when it is imported.
    [InlineData("library-counter-generator", """{"reuse":true,"keep":false,"reason":"samples differ from those drawn in processes of their own","host":5}""")]
    [InlineData("remembering-generator", """{"reuse":true,"keep":false,"reason":"a sample changes src.drawn.SEEDS","host":5}""")]
    public async Task A_generator_that_remembers_shares_no_more_than_leaves_its_bytes_alone(string generator, string verdict)
    {
        SortedDictionary<string, string>? expected = null;
        foreach (var batchSize in new[] { 12, 5 })
        {
            await using var worker = new WorkerHarness();
            foreach (var batch in new SampleRange(0, 12).Split(batchSize))
                await worker.ProcessAsync(WorkerHarness.Message(generator, batch.Start, batch.Count));
            (await File.ReadAllTextAsync(Directory.EnumerateFiles(Path.Combine(worker.Folder, "store", "reuse")).Single())).ShouldBe(verdict);
            expected ??= await worker.DataAsync("job");
            (await worker.DataAsync("job")).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("""{"type": "ok-generator", "start_index": 0}""", "num_samples is missing")]
    [InlineData("not json at all", "not JSON")]
    public async Task A_malformed_message_rests_unharmed_with_its_reason(string body, string reason)
    {
        await using var worker = new WorkerHarness();
        (await worker.ProcessAsync(body)).ShouldBe(BatchOutcome.Acknowledge);
        var deadLetter = (await worker.Queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem();
        deadLetter.Body.ShouldBe(body);
        deadLetter.Reason.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public async Task An_unknown_generator_is_given_up_at_once()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("no-such-generator", 10, 5));
        await ShouldBeDeadAsync(worker, "no-such-generator", new SampleRange(10, 5), FailureKind.UnusableGenerator, "There is no generator 'no-such-generator'");
    }

    [Fact]
    public async Task A_message_that_no_worker_finished_is_given_up()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5), receiveCount: 4);
        await ShouldBeDeadAsync(worker, "ok-generator", new SampleRange(0, 5), FailureKind.Worker, "delivered 3 times");
        (await worker.KeysAsync("jobs/job/data/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stopping_worker_publishes_finished_samples_and_hands_over_the_rest()
    {
        await using var worker = new WorkerHarness();
        using var stop = new CancellationTokenSource();
        var processing = worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2_000), bounds: new BatchBounds(null, stop.Token, default));
        await Eventually.BeTrueAsync(async () => (await worker.KeysAsync("jobs/job/data/")).Count > 100);
        await stop.CancelAsync();
        (await processing).ShouldBe(BatchOutcome.Acknowledge);

        var done = await worker.DoneAsync("job", "ok-generator");
        done.SampleCount.ShouldBeInRange(20, 1_999);
        var messages = await ReceiveAllAsync(worker);
        var left = RangeSet.Of(messages.Select(static message => message.Range));
        left.ShouldBe(RangeSet.Of(new SampleRange(0, 2_000)).Subtract(done));
        messages.ShouldAllBe(static message => message.Attempt == 1);
        (await worker.KeysAsync("jobs/job/data/")).Count.ShouldBe((int)done.SampleCount * 5);
    }

    [Fact]
    public async Task A_worker_near_its_deadline_hands_over_the_rest_and_loses_nothing()
    {
        await using var worker = new WorkerHarness();
        // The hand-over begins 20 s before the deadline, so this leaves the drawing a second.
        var bounds = new BatchBounds(DateTimeOffset.UtcNow.AddSeconds(21), default, default);
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5_000), bounds: bounds);
        var done = await worker.DoneAsync("job", "ok-generator");
        var left = RangeSet.Of((await ReceiveAllAsync(worker)).Select(static message => message.Range));
        left.IsEmpty.ShouldBeFalse();
        done.Union(left).ShouldBe([new SampleRange(0, 5_000)]);
        done.Intersect(left).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_range_that_never_gets_anywhere_before_the_deadline_is_given_up_after_three_attempts()
    {
        await using var worker = new WorkerHarness();
        var message = WorkerHarness.Message("ok-generator", 0, 5);
        var bounds = new BatchBounds(DateTimeOffset.UtcNow.AddSeconds(-1), default, default);
        await worker.ProcessAsync(message, bounds: bounds);
        (await ReceiveAllAsync(worker)).ShouldHaveSingleItem().ShouldBe(message with { Attempt = 2, Generation = 0 });
        await worker.ProcessAsync(message with { Attempt = 3 }, bounds: bounds);
        await ShouldBeDeadAsync(worker, "ok-generator", message.Range, FailureKind.TimedOut, "No sample was finished");
    }

    [Fact]
    public async Task Work_whose_lease_was_lost_is_dropped()
    {
        await using var worker = new WorkerHarness();
        using var lost = new CancellationTokenSource();
        var processing = worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2_000), bounds: new BatchBounds(null, default, lost.Token));
        await Eventually.BeTrueAsync(async () => (await worker.KeysAsync("jobs/job/data/")).Count > 10);
        await lost.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => processing);
        (await ReceiveAllAsync(worker)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_out_of_reach_gives_the_message_back_for_longer_and_longer()
    {
        await using var worker = new WorkerHarness(wrapStore: static store => new FullStore(store));
        var message = WorkerHarness.Message("ok-generator", 0, 3);
        var first = (await worker.ProcessAsync(message, 1)).RetryAfter.ShouldNotBeNull();
        var second = (await worker.ProcessAsync(message, 2)).RetryAfter.ShouldNotBeNull();
        second.ShouldBeGreaterThan(first);
        (await worker.KeysAsync("jobs/job/done/")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "draws")).ShouldBeEmpty();
    }

    private static async Task ShouldBeDeadAsync(WorkerHarness worker, string generator, SampleRange range, FailureKind kind, string phrase)
    {
        var record = await worker.Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed("job", generator, range));
        record.ShouldNotBeNull();
        record.Kind.ShouldBe(kind);
        record.Message.ShouldContain(phrase);
        (await worker.KeysAsync("jobs/job/dead/")).ShouldBe([ObjectKeys.Dead("job", 0, generator, range)]);
        var deadLetter = (await worker.Queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem();
        deadLetter.Reason.ShouldBe(record.Message);
        BatchMessageParser.Parse(deadLetter.Body).Message!.Range.ShouldBe(range);
    }

    private static async Task<List<BatchMessage>> ReceiveAllAsync(WorkerHarness worker)
    {
        List<BatchMessage> messages = [];
        while (await worker.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero) is { Count: > 0 } some)
            messages.AddRange(some.Select(static leased => BatchMessageParser.Parse(leased.Body).Message!));
        return messages;
    }

    private static async Task<List<(string, DateTimeOffset)>> Times(WorkerHarness worker)
    {
        List<(string, DateTimeOffset)> times = [];
        await foreach (var entry in worker.Store.ListAsync("jobs/")) times.Add((entry.Key, entry.LastModified));
        return times;
    }
}
