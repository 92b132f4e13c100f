namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>How many messages there are. A cloud's figures lag by a minute or more; a job's progress does not depend on them.</summary>
public sealed record QueueView
{
    /// <summary>Messages that wait; absent if the queue cannot tell.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages that workers have in hand; absent if the queue cannot tell.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }

    /// <summary>Messages in the dead-letter queue; absent if the queue cannot tell.</summary>
    /// <example>0</example>
    public long? Dead { get; init; }
}
