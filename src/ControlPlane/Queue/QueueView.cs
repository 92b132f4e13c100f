namespace VmDataset.ControlPlane.Queue;

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

/// <summary>A message that was given up, unharmed.</summary>
public sealed record DeadLetterView
{
    /// <summary>Names the dead letter.</summary>
    /// <example>"7"</example>
    public required string Id { get; init; }

    /// <summary>The message as it was sent; it may be anything.</summary>
    /// <example>"{\"type\": \"chess-task-data-generator\", \"start_index\": 0, \"num_samples\": 0, \"seed\": 42}"</example>
    public required string Body { get; init; }

    /// <summary>Why it is here, where known.</summary>
    /// <example>num_samples is 0; allowed: an integer from 1 to 10,000.</example>
    public string? Reason { get; init; }

    /// <summary>When it came here (UTC), where known.</summary>
    public DateTimeOffset? DiedAt { get; init; }

    /// <summary>The job it belongs to, where the message can be read.</summary>
    /// <example>20261123-130501-9f3c2a7b</example>
    public string? JobId { get; init; }
}

/// <summary>Some dead letters.</summary>
public sealed record DeadLetterList
{
    /// <summary>The oldest first.</summary>
    public required IReadOnlyList<DeadLetterView> Items { get; init; }
}
