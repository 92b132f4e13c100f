using System.Diagnostics;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Queue;

/// <summary>What every adapter of <see cref="IBatchQueue"/> keeps. Deliveries are at least once and in no promised order.</summary>
public abstract class BatchQueueContract
{
    /// <summary>What <see cref="Queue"/> is made with.</summary>
    internal const int MaxReceives = 3;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IBatchQueue Queue { get; }

    protected abstract IDeadLetterQueue DeadLetters { get; }

    /// <summary>A queue whose service does not answer.</summary>
    protected abstract IBatchQueue OutOfReach();

    /// <summary>A lease that the adapter lets run out soon.</summary>
    protected abstract TimeSpan ShortLease { get; }

    [Fact]
    public async Task A_queue_delivers_every_message_once_while_leases_hold()
    {
        var sent = Enumerable.Range(0, 25).Select(i => new OutgoingMessage($"body {i}", "job")).ToList();
        await Queue.SendAsync(sent, Token);
        var received = await ReceiveAsync(25);
        received.Select(static message => message.Body).ShouldBe(sent.Select(static message => message.Body), ignoreOrder: true);
        received.ShouldAllBe(static message => message.ReceiveCount == 1 && message.Group == "job");
        (await Queue.ReceiveAsync(10, Long, TimeSpan.Zero, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_trace_context_of_a_message_comes_back_with_it()
    {
        const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var span = new Activity("send").Start();
        await Queue.SendAsync(
        [
            new OutgoingMessage("told", "job") { TraceParent = Context },
            new OutgoingMessage("none", "job") { TraceParent = null },
            new OutgoingMessage("the sender's", "job"),
        ], Token);

        (await ReceiveAsync(3)).Select(static message => (message.Body, message.TraceParent))
            .ShouldBe([("told", Context), ("none", null), ("the sender's", span.Id)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_receiver_that_waits_is_served_when_a_message_comes()
    {
        var waiting = Queue.ReceiveAsync(1, Long, Patience, Token);
        await Queue.SendAsync([new OutgoingMessage("late", "job")], Token);
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("late");
    }

    [Fact]
    public async Task A_deleted_message_never_comes_back()
    {
        await Queue.SendAsync([new OutgoingMessage("once", "job")], Token);
        var message = (await ReceiveAsync(1, ShortLease)).Single();
        await Queue.DeleteAsync(message, Token);
        await Queue.DeleteAsync(message, Token);
        (await Queue.ReceiveAsync(1, Long, ShortLease * 2, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_whose_lease_ran_out_comes_back_and_counts()
    {
        await Queue.SendAsync([new OutgoingMessage("again", "job")], Token);
        (await ReceiveAsync(1, ShortLease)).Single().ReceiveCount.ShouldBe(1);
        var second = (await ReceiveAsync(1)).Single();
        second.Body.ShouldBe("again");
        second.ReceiveCount.ShouldBe(2);
    }

    [Fact]
    public async Task A_message_given_back_comes_at_once()
    {
        await Queue.SendAsync([new OutgoingMessage("back", "job")], Token);
        var first = (await ReceiveAsync(1)).Single();
        (await Queue.RenewAsync(first, TimeSpan.Zero, Token)).ShouldBeTrue();
        (await ReceiveAsync(1)).Single().ReceiveCount.ShouldBe(2);
    }

    [Fact]
    public async Task A_renewed_lease_holds_longer()
    {
        await Queue.SendAsync([new OutgoingMessage("mine", "job")], Token);
        var mine = (await ReceiveAsync(1, ShortLease)).Single();
        (await Queue.RenewAsync(mine, Long, Token)).ShouldBeTrue();
        (await Queue.ReceiveAsync(1, Long, ShortLease * 2, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lost_lease_can_be_neither_renewed_nor_used_to_delete()
    {
        await Queue.SendAsync([new OutgoingMessage("contested", "job")], Token);
        var first = (await ReceiveAsync(1, ShortLease)).Single();
        var second = (await ReceiveAsync(1)).Single();
        (await Queue.RenewAsync(first, Long, Token)).ShouldBeFalse();
        await Queue.DeleteAsync(first, Token);
        (await Queue.RenewAsync(second, Long, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Depth_counts_what_waits_what_is_leased_and_what_is_dead()
    {
        await Queue.SendAsync([.. Enumerable.Range(0, 5).Select(i => new OutgoingMessage($"{i}", "job"))], Token);
        await ReceiveAsync(2);
        await DeadLetters.SendAsync(new OutgoingMessage("dead", "job"), "why", Token);
        await Eventually.BeTrueAsync(async () => await Queue.GetDepthAsync(cancellationToken: Token) == new QueueDepth(3, 2, 1));
    }

    [Fact]
    public async Task Every_call_of_a_queue_out_of_reach_throws_the_promised_exception()
    {
        var queue = OutOfReach();
        var message = new LeasedMessage("body", "job", 1, "handle");
        foreach (var call in new Func<Task>[]
        {
            () => queue.SendAsync([new OutgoingMessage("body", "job")], Token),
            () => queue.ReceiveAsync(1, Long, TimeSpan.Zero, Token),
            () => queue.RenewAsync(message, Long, Token),
            () => queue.DeleteAsync(message, Token),
            () => queue.GetDepthAsync(cancellationToken: Token),
        })
        {
            (await Should.ThrowAsync<ServiceUnreachableException>(call)).InnerException.ShouldNotBeNull();
        }
    }

    protected async Task<List<LeasedMessage>> ReceiveAsync(int count, TimeSpan? lease = null)
    {
        List<LeasedMessage> received = [];
        await Eventually.BeTrueAsync(async () =>
        {
            received.AddRange(await Queue.ReceiveAsync(Math.Min(10, count - received.Count), lease ?? Long, TimeSpan.FromSeconds(1), Token));
            return received.Count == count;
        });
        return received;
    }
}
