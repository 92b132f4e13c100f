using System.Diagnostics;

namespace VmDataset.Pipeline.Queue;

/// <summary>
/// A queue with leases, delivery at least once, and a dead-letter queue. One contract test class holds for every adapter.
/// </summary>
public interface IBatchQueue
{
    /// <summary>What traces and figures call the queue.</summary>
    QueueName Name => QueueName.Unknown;

    /// <summary>Puts messages on the queue. When it returns all of them are there; when it throws, some may be.</summary>
    Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Whether a receiver may leave groups alone. If not, fairness between groups is the queue's own affair.</summary>
    bool ChoosesGroups { get; }

    /// <summary>
    /// Leases up to <paramref name="max"/> messages (1 to 10), waiting up to <paramref name="wait"/> for the first.
    /// Nobody else receives a leased message before its lease ends.
    /// </summary>
    /// <param name="except">Groups whose messages are left alone; none where the queue cannot choose.</param>
    Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default);

    /// <summary>Sets the lease to end after <paramref name="lease"/> from now; zero gives the message back at once.</summary>
    /// <returns>False when the lease was lost: somebody else may have the message.</returns>
    Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Acknowledges a message. Deleting one that is gone is no error.</summary>
    Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts a message into the dead-letter queue. To bury a leased message, delete it afterwards: a crash between
    /// leaves one letter too many, never one too few.
    /// </summary>
    Task SendDeadLetterAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default);

    /// <summary>How many messages there are; null when the adapter cannot count one group alone.</summary>
    /// <param name="group">Count this group's messages only.</param>
    Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default);

    /// <summary>Looks at dead letters without taking them, oldest first.</summary>
    Task<IReadOnlyList<DeadLetter>> PeekDeadLettersAsync(int max, CancellationToken cancellationToken = default);

    /// <summary>
    /// Goes through the dead letters that are there now, several at a time where that is faster. A letter is removed after it
    /// was handled: a crash leaves it. One that is kept is visible again when the walk ends. No two walks handle a letter at once;
    /// one that another walk or look has in hand may be passed over.
    /// </summary>
    /// <param name="handle">Answers whether the letter is to be removed.</param>
    /// <param name="pause">Ends the walk before the next letter.</param>
    /// <returns>False if it was paused before the end.</returns>
    Task<bool> WalkDeadLettersAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default, CancellationToken cancellationToken = default);
}

public static class BatchQueueExtensions
{
    /// <summary>Leases messages of any group.</summary>
    public static Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        this IBatchQueue queue, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellationToken = default) =>
        queue.ReceiveAsync(max, lease, wait, [], cancellationToken);
}

/// <param name="Body">The message.</param>
/// <param name="Group">Whose it is; groups share the queue fairly where the adapter can.</param>
public sealed record OutgoingMessage(string Body, string Group)
{
    /// <summary>The span that sends it (W3C Trace Context, <c>traceparent</c>), which the adapter carries to the receiver.</summary>
    public string? TraceParent { get; init; } = Activity.Current?.Id;
}

/// <param name="Body">The message as it was sent.</param>
/// <param name="Group">The group it was sent with; null if it had none.</param>
/// <param name="ReceiveCount">1 for the first delivery.</param>
/// <param name="Handle">The adapter's proof of the lease.</param>
public record LeasedMessage(string Body, string? Group, int ReceiveCount, string Handle)
{
    /// <summary>As it was sent; anybody may put messages on the queue, so it may be null or anything.</summary>
    public string? TraceParent { get; init; }
}

/// <param name="System">What kind of queue it is: <c>aws_sqs</c>, <c>sqlite</c>.</param>
/// <param name="Name">Which one.</param>
public sealed record QueueName(string System, string Name)
{
    public static readonly QueueName Unknown = new("unknown", "queue");
}

/// <param name="Queued">Messages that wait.</param>
/// <param name="InFlight">Messages under lease.</param>
/// <param name="Dead">Messages in the dead-letter queue.</param>
public sealed record QueueDepth(long Queued, long InFlight, long Dead);

/// <param name="Id">Names the dead letter.</param>
/// <param name="Body">The message as it was sent.</param>
/// <param name="Group">The group it was sent with.</param>
/// <param name="Reason">Why it is here, where known.</param>
/// <param name="DiedAt">When it came here, where known.</param>
public sealed record DeadLetter(string Id, string Body, string? Group, string? Reason, DateTimeOffset? DiedAt)
{
    /// <summary>The reason of a message that the queue itself moved.</summary>
    public const string TooManyReceives = "It was received as often as the queue allows: each worker that took it died, hung or gave it back.";

    /// <summary>Whether the queue itself moved it here, unknown to any worker.</summary>
    public bool MovedByQueue { get; init; }
}
