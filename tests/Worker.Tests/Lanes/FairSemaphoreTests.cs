using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Tests.Lanes;

public class FairGateTests
{
    [Fact]
    public async Task Groups_share_the_places_however_many_each_asks_for()
    {
        var gate = new FairSemaphore(4);
        var big = Enumerable.Range(0, 100).Select(_ => gate.EnterAsync("big", default)).ToList();
        var small = Enumerable.Range(0, 3).Select(_ => gate.EnterAsync("small", default)).ToList();
        big.Count(static place => place.IsCompletedSuccessfully).ShouldBe(4);

        gate.Leave("big");
        gate.Leave("big");
        await Task.WhenAll(small[0], small[1]).WaitAsync(TimeSpan.FromSeconds(10));
        // Each holds two: what a group gives back is its own again.
        gate.Leave("big");
        gate.Leave("small");
        await Task.WhenAll(small[2], big[4]).WaitAsync(TimeSpan.FromSeconds(10));
        big.Count(static place => place.IsCompleted).ShouldBe(5);

        // And what nobody else asks for goes to whoever does.
        gate.Leave("small");
        gate.Leave("small");
        await Task.WhenAll(big[5], big[6]).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_single_place_goes_round()
    {
        var gate = new FairSemaphore(1);
        List<string> served = [];
        await gate.EnterAsync("c", default);
        var asking = new[] { "a", "a", "a", "b", "b", "c" }.Select(async group =>
        {
            await gate.EnterAsync(group, default);
            served.Add(group);
            gate.Leave(group);
        }).ToList();
        gate.Leave("c");
        await Task.WhenAll(asking).WaitAsync(TimeSpan.FromSeconds(10));
        served.ShouldBe(["a", "b", "c", "a", "b", "a"]);
    }

    [Fact]
    public async Task A_cancelled_waiter_takes_no_place()
    {
        var gate = new FairSemaphore(1);
        await gate.EnterAsync("a", default);
        using var stop = new CancellationTokenSource();
        var gone = gate.EnterAsync("b", stop.Token);
        var next = gate.EnterAsync("c", default);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        await Should.ThrowAsync<OperationCanceledException>(() => gate.EnterAsync("d", stop.Token));
        gate.Leave("a");
        await next.WaitAsync(TimeSpan.FromSeconds(10));
        gate.Leave("c");
        gate.EnterAsync("b", default).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task No_place_is_lost_or_lent_twice_when_many_come_go_and_give_up()
    {
        const int places = 3;
        var gate = new FairSemaphore(places);
        var (inside, most, entered) = (0, 0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (i, _) =>
        {
            using var stop = new CancellationTokenSource();
            var group = $"{i % 5}";
            var entering = gate.EnterAsync(group, stop.Token);
            if (i % 3 == 0) await stop.CancelAsync();
            try
            {
                await entering;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            Interlocked.Increment(ref entered);
            gate.Leave(group);
        }).WaitAsync(TimeSpan.FromSeconds(30));

        most.ShouldBeInRange(1, places);
        entered.ShouldBeGreaterThan(1_300);
        for (var i = 0; i < places; i++) gate.EnterAsync("last", default).IsCompletedSuccessfully.ShouldBeTrue();
        gate.EnterAsync("last", default).IsCompleted.ShouldBeFalse();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, value, seen) == seen) return;
        }
    }
}
