using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.Worker.Tests.Polling;

public class PollingWorkerTests
{
    [Fact]
    public async Task Works_off_the_queue_and_acknowledges()
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
    public async Task At_its_stop_nothing_stays_leased_and_nothing_is_lost()
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
}
