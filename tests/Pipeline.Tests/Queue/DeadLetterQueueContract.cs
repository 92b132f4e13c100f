using System.Collections.Concurrent;
using System.Globalization;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Queue;

/// <summary>What every adapter of <see cref="IDeadLetterQueue"/> keeps.</summary>
public abstract class DeadLetterQueueContract
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IBatchQueue Queue { get; }

    protected abstract IDeadLetterQueue DeadLetters { get; }

    /// <summary>A lease that the adapter lets run out soon.</summary>
    protected abstract TimeSpan ShortLease { get; }

    /// <summary>A queue whose service does not answer.</summary>
    protected abstract IDeadLetterQueue OutOfReach();

    [Fact]
    public async Task A_message_received_too_often_rests_unharmed_in_the_dead_letter_queue()
    {
        await Queue.SendAsync([new OutgoingMessage("poison", "job")], Token);
        for (var i = 0; i < BatchQueueContract.MaxReceives; i++)
            await Eventually.BeTrueAsync(async () => (await Queue.ReceiveAsync(1, ShortLease, TimeSpan.FromSeconds(1), Token)).Count == 1);
        IReadOnlyList<DeadLetter> dead = [];
        await Eventually.BeTrueAsync(async () =>
        {
            (await Queue.ReceiveAsync(1, TimeSpan.FromMinutes(5), TimeSpan.Zero, Token)).ShouldBeEmpty();
            dead = await DeadLetters.PeekAsync(10, Token);
            return dead.Count == 1;
        });
        dead.Single().Body.ShouldBe("poison");
        dead.Single().Group.ShouldBe("job");
        dead.Single().MovedByQueue.ShouldBeTrue();
    }

    [Fact]
    public async Task A_dead_letter_keeps_its_reason_and_can_be_read_again()
    {
        await DeadLetters.SendAsync(new OutgoingMessage("bad record", "job"), "type is missing.", Token);
        for (var i = 0; i < 2; i++)
        {
            var deadLetter = (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem();
            deadLetter.Body.ShouldBe("bad record");
            deadLetter.Reason.ShouldBe("type is missing.");
            deadLetter.MovedByQueue.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_walk_visits_every_dead_letter_once_removes_the_handled_ones_and_makes_the_others_visible_again()
    {
        const int count = 45;
        for (var i = 0; i < count; i++) await DeadLetters.SendAsync(new OutgoingMessage($"{i}", $"job-{i % 3}"), "why", Token);
        ConcurrentBag<DeadLetter> met = [];

        (await DeadLetters.WalkAsync(each =>
        {
            met.Add(each);
            return Task.FromResult(each.Group == "job-1");
        }, cancellationToken: Token)).ShouldBeTrue();

        met.Select(static each => int.Parse(each.Body, CultureInfo.InvariantCulture)).Order().ShouldBe(Enumerable.Range(0, count));
        met.ShouldAllBe(static each => each.Reason == "why");
        var left = await DeadLetters.PeekAsync(100, Token);
        left.Select(static each => int.Parse(each.Body, CultureInfo.InvariantCulture)).Order().ShouldBe(Enumerable.Range(0, count).Where(static i => i % 3 != 1));
    }

    [Fact]
    public async Task A_walk_that_fails_leaves_the_dead_letter_that_it_was_handling()
    {
        for (var i = 0; i < 3; i++) await DeadLetters.SendAsync(new OutgoingMessage($"{i}", "job"), "why", Token);
        await Should.ThrowAsync<IOException>(() => DeadLetters.WalkAsync(
            static each => each.Body == "1" ? throw new IOException("killed") : Task.FromResult(false), cancellationToken: Token));
        (await DeadLetters.PeekAsync(10, Token)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_walk_ends_when_it_is_paused_and_keeps_what_it_did_not_reach()
    {
        const int count = 40;
        for (var i = 0; i < count; i++) await DeadLetters.SendAsync(new OutgoingMessage($"{i}", "job"), "why", Token);
        using var pause = new CancellationTokenSource();
        var met = 0;
        (await DeadLetters.WalkAsync(async _ =>
        {
            Interlocked.Increment(ref met);
            await pause.CancelAsync();
            return true;
        }, pause.Token, Token)).ShouldBeFalse();
        // Walkers that were handling a dead letter when the pause came finish it.
        met.ShouldBeInRange(1, 8);
        (await DeadLetters.PeekAsync(count, Token)).Count.ShouldBe(count - met);
    }

    [Fact]
    public async Task Two_concurrent_walks_never_both_handle_a_dead_letter()
    {
        for (var i = 0; i < 30; i++) await DeadLetters.SendAsync(new OutgoingMessage($"{i}", "job"), "why", Token);
        ConcurrentBag<string> met = [];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => DeadLetters.WalkAsync(async each =>
        {
            met.Add(each.Body);
            await Task.Yield();
            return true;
        }, cancellationToken: Token)));
        met.Count.ShouldBe(30);
        (await DeadLetters.PeekAsync(100, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_walk_meets_what_an_earlier_walk_of_the_same_queue_held_and_kept()
    {
        for (var i = 0; i < 3; i++) await DeadLetters.SendAsync(new OutgoingMessage($"{i}", "job"), "why", Token);
        var (holds, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var keeping = DeadLetters.WalkAsync(async _ =>
        {
            holds.TrySetResult();
            await goOn.Task;
            return false;
        }, cancellationToken: Token);
        await holds.Task;

        var removing = DeadLetters.WalkAsync(static _ => Task.FromResult(true), cancellationToken: Token);
        goOn.SetResult();
        (await keeping, await removing).ShouldBe((true, true));

        (await DeadLetters.PeekAsync(10, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_call_of_a_dead_letter_queue_out_of_reach_throws_the_promised_exception()
    {
        var queue = OutOfReach();
        foreach (var call in new Func<Task>[]
        {
            () => queue.SendAsync(new OutgoingMessage("body", "job"), "why", Token),
            () => queue.PeekAsync(1, Token),
            () => queue.WalkAsync(static _ => Task.FromResult(false), cancellationToken: Token),
        })
        {
            (await Should.ThrowAsync<ServiceUnreachableException>(call)).InnerException.ShouldNotBeNull();
        }
    }
}
