using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Queue;

/// <summary>
/// A queue with leases and delivery at least once. It moves a message that was received too often to its <see cref="IDeadLetterQueue"/>.
/// Every method throws <see cref="ServiceUnreachableException"/> when the queue cannot be reached. One contract test class holds for every
/// adapter.
/// </summary>
public interface IBatchQueue
{
    /// <summary>The queue's name in traces and metrics.</summary>
    QueueName Name => QueueName.Unknown;

    /// <summary>Puts messages on the queue. When it returns all of them are there; when it throws, some may be.</summary>
    Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Whether a receiver may exclude groups. If not, the queue itself keeps groups from starving each other.</summary>
    bool ChoosesGroups { get; }

    /// <summary>
    /// Leases up to <paramref name="max"/> messages (1 to 10), waiting up to <paramref name="wait"/> for the first.
    /// No other receiver gets a leased message before its lease ends.
    /// </summary>
    /// <param name="except">Groups whose messages are not received; empty unless <see cref="ChoosesGroups"/>.</param>
    Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default);

    /// <summary>Sets the lease to end after <paramref name="lease"/> from now; zero makes the message visible now.</summary>
    /// <returns>False when the lease was lost: another receiver may have the message.</returns>
    Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Acknowledges a message. Deleting one that is gone is no error.</summary>
    Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default);

    /// <summary>How many messages there are on the queue and on its dead-letter queue; null when the adapter cannot count a single
    /// group.</summary>
    /// <param name="group">Count this group's messages only.</param>
    Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default);
}

public static class BatchQueueExtensions
{
    /// <summary>Leases messages of any group.</summary>
    public static Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        this IBatchQueue queue, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellationToken = default) =>
        queue.ReceiveAsync(max, lease, wait, [], cancellationToken);
}

/// <param name="Body">The message.</param>
/// <param name="Group">Its job's id; groups share the queue fairly.</param>
public sealed record OutgoingMessage(string Body, string Group)
{
    /// <summary>The span that sends it (W3C Trace Context, <c>traceparent</c>). The adapter carries it to the receiver.</summary>
    public string? TraceParent { get; init; } = Activity.Current?.Id;
}

/// <param name="Body">The message as it was sent.</param>
/// <param name="Group">The group it was sent with; null if it had none.</param>
/// <param name="ReceiveCount">1 for the first delivery.</param>
/// <param name="Handle">The adapter's proof of the lease.</param>
public record LeasedMessage(string Body, string? Group, int ReceiveCount, string Handle)
{
    /// <summary>As it was sent. Any sender may write anything here, so it is not trusted.</summary>
    public string? TraceParent { get; init; }
}

/// <param name="System">The kind of queue: <c>aws_sqs</c>, <c>sqlite</c>.</param>
/// <param name="Name">The queue's own name.</param>
public sealed record QueueName(string System, string Name)
{
    public static readonly QueueName Unknown = new("unknown", "queue");
}

/// <param name="Queued">Messages that wait.</param>
/// <param name="InFlight">Messages under lease.</param>
/// <param name="Dead">Messages in the dead-letter queue.</param>
public sealed record QueueDepth(long Queued, long InFlight, long Dead);
