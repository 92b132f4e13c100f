namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>How many messages there are. A cloud's figures lag by a minute or more; a job's progress does not depend on them.</summary>
public sealed record QueueView
{
    /// <summary>Messages that wait; absent if the queue cannot count them.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages that workers are processing; absent if the queue cannot count them.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }

    /// <summary>Messages in the dead-letter queue; absent if the queue cannot count them.</summary>
    /// <example>0</example>
    public long? Dead { get; init; }
}
