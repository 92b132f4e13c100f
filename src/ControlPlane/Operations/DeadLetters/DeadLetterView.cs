using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>A message that was given up, unchanged.</summary>
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

    /// <summary>When it was given up (UTC); absent on SQS for a message that SQS moved itself.</summary>
    public DateTimeOffset? DiedAt { get; init; }

    /// <summary>Seconds since then.</summary>
    /// <example>3600</example>
    public long? AgeSeconds { get; init; }

    /// <summary>The job it belongs to, where that is known.</summary>
    /// <example>20261123-130501-9f3c2a7b</example>
    public string? JobId { get; init; }

    /// <summary>The generator, where the message can be read.</summary>
    /// <example>chess-task-data-generator</example>
    public string? Generator { get; init; }

    /// <summary>The first sample index, where the message can be read.</summary>
    /// <example>0</example>
    public int? StartIndex { get; init; }

    /// <summary>How many samples, where the message can be read.</summary>
    /// <example>1000</example>
    public int? NumSamples { get; init; }

    /// <summary>The attempt that failed last, from 1 on, where the message can be read.</summary>
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
            NumSamples = message?.NumSamples,
            Attempt = message?.Attempt,
        };
    }
}

/// <summary>Some dead letters.</summary>
public sealed record DeadLetterList
{
    /// <summary>The oldest first.</summary>
    public required IReadOnlyList<DeadLetterView> Items { get; init; }
}

/// <summary>The outcome for the dead letters that a request chose.</summary>
public sealed record DeadLetterOutcome
{
    /// <summary>How many were sent again or deleted.</summary>
    /// <example>12</example>
    public required int Taken { get; init; }

    /// <summary>Those that stay, each with the reason.</summary>
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

/// <summary>A dead letter that stays where it was.</summary>
public sealed record KeptDeadLetterView
{
    /// <summary>Names the dead letter.</summary>
    /// <example>"7"</example>
    public required string Id { get; init; }

    /// <summary>Why it stays.</summary>
    /// <example>The queue cannot be reached.</example>
    public required string Reason { get; init; }
}
