namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>The queue's depth. On AWS the figures lag by a minute or more; a job's progress does not depend on them.</summary>
public sealed record QueueView
{
    /// <summary>Messages that wait; absent if the queue does not report it.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages that workers are processing; absent if the queue does not report it.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }

    /// <summary>Messages in the dead-letter queue; absent if the queue does not report it.</summary>
    /// <example>0</example>
    public long? Dead { get; init; }
}
