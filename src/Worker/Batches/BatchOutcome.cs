namespace VmDataset.Worker.Batches;

/// <summary>What the host shall do with the message: acknowledge it, or give it back.</summary>
/// <param name="RetryAfter">Null: the message is dealt with, delete it. Else: give it back, to be seen again after this.</param>
public readonly record struct BatchOutcome(TimeSpan? RetryAfter)
{
    public static readonly BatchOutcome Acknowledge = new(null);

    public static BatchOutcome GiveBack(TimeSpan delay) => new(delay);
}

/// <summary>The bounds within which a message is processed.</summary>
/// <param name="Deadline">The host is ended then: what is finished is published before, the rest handed over. Null: none.</param>
/// <param name="Stop">The host shuts down: as if the deadline were now.</param>
/// <param name="LeaseLost">Somebody else has the message: nothing more is sent on.</param>
public readonly record struct BatchBounds(DateTimeOffset? Deadline, CancellationToken Stop, CancellationToken LeaseLost);
