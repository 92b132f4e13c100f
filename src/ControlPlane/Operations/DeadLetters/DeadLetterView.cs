namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>A message that was given up, unchanged.</summary>
public sealed record DeadLetterView
{
    /// <summary>The dead letter's id.</summary>
    /// <example>"7"</example>
    public required string Id { get; init; }

    /// <summary>The message as it was sent; any text.</summary>
    /// <example>"{\"type\": \"chess-task-data-generator\", \"start_index\": 0, \"num_samples\": 0, \"seed\": 42}"</example>
    public required string Body { get; init; }

    /// <summary>The reason, if known.</summary>
    /// <example>num_samples is 0; allowed: an integer from 1 to 10,000.</example>
    public string? Reason { get; init; }

    /// <summary>Time at which it became a dead letter (UTC), if known; SQS does not record the time for messages that it moved
    /// itself.</summary>
    public DateTimeOffset? DiedAt { get; init; }

    /// <summary>Seconds since that time.</summary>
    /// <example>3600</example>
    public long? AgeSeconds { get; init; }

    /// <summary>The message's job, if known.</summary>
    /// <example>20261123-130501-9f3c2a7b</example>
    public string? JobId { get; init; }

    /// <summary>The generator, if the message can be read.</summary>
    /// <example>chess-task-data-generator</example>
    public string? Generator { get; init; }

    /// <summary>The first sample index, if the message can be read.</summary>
    /// <example>0</example>
    public int? StartIndex { get; init; }

    /// <summary>The number of samples, if the message can be read.</summary>
    /// <example>1000</example>
    public int? Samples { get; init; }

    /// <summary>The attempt that failed last, from 1, if the message can be read.</summary>
    /// <example>3</example>
    public int? Attempt { get; init; }

    internal static DeadLetterView Of(DeadLetter deadLetter, DateTimeOffset now)
    {
        var message = BatchMessageParser.Parse(deadLetter.Body).Message;
        return new DeadLetterView
        {
            Id = deadLetter.Id,
            Body = deadLetter.Body,
            Reason = deadLetter.Reason,
            DiedAt = deadLetter.DiedAt,
            AgeSeconds = deadLetter.DiedAt is { } died ? Math.Max(0, (long)(now - died).TotalSeconds) : null,
            JobId = DeadLetterService.JobOf(deadLetter),
            Generator = message?.Generator,
            StartIndex = message?.StartIndex,
            Samples = message?.NumSamples,
            Attempt = message?.Attempt,
        };
    }
}

/// <summary>A list of dead letters.</summary>
public sealed record DeadLetterList
{
    /// <summary>The dead letters, the oldest first.</summary>
    public required IReadOnlyList<DeadLetterView> Items { get; init; }
}

/// <summary>The result of a request for dead letters.</summary>
public sealed record DeadLetterOutcome
{
    /// <summary>Number of dead letters that were redriven or deleted.</summary>
    /// <example>12</example>
    public required int Taken { get; init; }

    /// <summary>Dead letters that remain, each with the reason.</summary>
    public required IReadOnlyList<KeptDeadLetterView> Kept { get; init; }

    /// <summary>Whether time ran out before all were handled: then the same request continues with the rest.</summary>
    /// <example>false</example>
    public required bool More { get; init; }

    internal static DeadLetterOutcome Of(DeadLetterCounts counts) => new()
    {
        Taken = counts.Taken,
        Kept = [.. counts.Refused.Select(static each => new KeptDeadLetterView { Id = each.Id, Reason = each.Reason })],
        More = counts.More,
    };
}

/// <summary>A dead letter that remains.</summary>
public sealed record KeptDeadLetterView
{
    /// <summary>The dead letter's id.</summary>
    /// <example>"7"</example>
    public required string Id { get; init; }

    /// <summary>The reason.</summary>
    /// <example>The queue cannot be reached.</example>
    public required string Reason { get; init; }
}
