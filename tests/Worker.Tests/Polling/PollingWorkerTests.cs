using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.Worker.Tests.Polling;

public class PollingWorkerTests
{
    [Fact]
    public async Task A_worker_draws_and_acknowledges_every_message_of_the_queue()
    {
        await using var worker = new WorkerHarness();
        await worker.PollingWorker.StartAsync(default);
        await worker.Queue.SendAsync([.. new SampleRange(0, 50).Split(7)
            .Select(range => new OutgoingMessage(WorkerHarness.Message("ok-generator", range.Start, range.Count).ToJson(), "job"))]);
        await Eventually.BeTrueAsync(async () => (await worker.Queue.GetDepthAsync())! == new QueueDepth(0, 0, 0));
        (await worker.DoneAsync("job", "ok-generator")).ShouldBe([new SampleRange(0, 50)]);
        await worker.PollingWorker.StopAsync(default);
    }

    [Fact]
    public async Task A_store_that_hangs_holds_up_a_stop_for_its_bound_alone()
    {
        HangingStore? store = null;
        await using var worker = new WorkerHarness(wrapStore: inner => store = new HangingStore(inner));
        await worker.PollingWorker.StartAsync(default);
        await worker.Queue.SendAsync([new OutgoingMessage(WorkerHarness.Message("ok-generator", 0, 50).ToJson(), "job")]);
        await store!.Asked.WaitAsync(TimeSpan.FromSeconds(60));

        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await worker.PollingWorker.StopAsync(bound.Token).WaitAsync(TimeSpan.FromSeconds(10));

        bound.IsCancellationRequested.ShouldBeTrue();
        // Left to its lease, and nothing of it sent on beside it.
        (await worker.Queue.GetDepthAsync())!.ShouldBe(new QueueDepth(0, 1, 0));
    }

    [Fact]
    public async Task A_stopped_worker_holds_no_lease_and_loses_nothing()
    {
        await using var worker = new WorkerHarness();
        await worker.PollingWorker.StartAsync(default);
        await worker.Queue.SendAsync([new OutgoingMessage(WorkerHarness.Message("ok-generator", 0, 2_000).ToJson(), "job")]);
        await Eventually.BeTrueAsync(async () => (await worker.KeysAsync("jobs/job/data/")).Count > 20);
        await worker.PollingWorker.StopAsync(default);
        var depth = (await worker.Queue.GetDepthAsync()).ShouldNotBeNull();
        depth.InFlight.ShouldBe(0);
        depth.Queued.ShouldBeGreaterThan(0);
        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBeInRange(4, 1_999);
    }

    [Fact]
    public async Task A_job_that_has_nothing_in_work_does_not_wait_for_another_jobs_batches()
    {
        await using var worker = new WorkerHarness(lanes: 2);
        await worker.PollingWorker.StartAsync(default);
        await SendAsync(worker, "huge", 10_000, 10_000, 10_000, 10_000);
        await Eventually.BeTrueAsync(async () => (await worker.Queue.GetDepthAsync("huge"))! is { InFlight: 3, Queued: 1 });

        await SendAsync(worker, "small", 3, 3, 3);
        await SendAsync(worker, "other", 3);

        await Eventually.BeTrueAsync(async () => (await worker.Queue.GetDepthAsync("small"))! is { InFlight: 0, Queued: 0 }
            && (await worker.Queue.GetDepthAsync("other"))! is { InFlight: 0, Queued: 0 });
        (await worker.DoneAsync("small", "ok-generator")).ShouldBe([new SampleRange(0, 9)]);
        (await worker.DoneAsync("other", "ok-generator")).ShouldBe([new SampleRange(0, 3)]);
        // Guests take no room from those that were there, and those get no more than theirs.
        (await worker.Queue.GetDepthAsync("huge")).ShouldBe(new QueueDepth(1, 3, 0));
        await worker.PollingWorker.StopAsync(default);
        (await worker.Queue.GetDepthAsync())!.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Guests_are_bounded()
    {
        await using var worker = new WorkerHarness(lanes: 1);
        await worker.PollingWorker.StartAsync(default);
        for (var i = 0; i < 15; i++) await SendAsync(worker, $"job-{i:D2}", 10_000);
        await Eventually.BeTrueAsync(async () => (await worker.Queue.GetDepthAsync()) == new QueueDepth(5, 10, 0));
        await worker.PollingWorker.StopAsync(default);
    }

    private static Task SendAsync(WorkerHarness worker, string job, params int[] sizes)
    {
        var start = 0;
        return worker.Queue.SendAsync([.. sizes.Select(size =>
        {
            var message = WorkerHarness.Message("ok-generator", start, size, job);
            start += size;
            return new OutgoingMessage(message.ToJson(), job);
        })]);
    }
}
