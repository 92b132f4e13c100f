using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Queue;

/// <summary>Messages that were given up, each with its reason. <see cref="IBatchQueue.GetDepthAsync"/> counts them. Every method throws
/// <see cref="ServiceUnreachableException"/> when the queue is out of reach. One contract test class holds for every adapter.</summary>
public interface IDeadLetterQueue
{
    /// <summary>Adds a message. To dead-letter a leased message, delete that one afterwards: a crash between the two leaves one dead letter
    /// too many, never one too few.</summary>
    Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default);

    /// <summary>Reads up to <paramref name="max"/> dead letters without removing them, oldest first.</summary>
    Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken = default);

    /// <summary>Visits the dead letters that are there now, several at a time where that is faster. A dead letter is removed after it was
    /// handled, so a crash leaves it. One that is kept is visible again when the walk ends. Two walks never handle the same one at the same
    /// time; a walk may skip what another walk or a <see cref="PeekAsync"/> holds.</summary>
    /// <param name="handle">Returns whether the dead letter is to be removed.</param>
    /// <param name="pause">Ends the walk before the next dead letter.</param>
    /// <returns>False if it was paused before the end.</returns>
    Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default,
        CancellationToken cancellationToken = default);
}

public sealed record DeadLetter(string Id, string Body, string? Group, string? Reason, DateTimeOffset? DiedAt)
{
    /// <summary>The reason of a message that the queue itself moved.</summary>
    public const string TooManyReceives =
        "It was received as often as the queue allows: each worker that took it died, hung or gave it back.";

    /// <summary>Whether the queue itself moved it here, without any worker's knowledge.</summary>
    public bool MovedByQueue { get; init; }
}
