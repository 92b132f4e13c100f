using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>The last error of a range: what a person needs to see to mend it.</summary>
public sealed record FailureRecord
{
    public required string Generator { get; init; }

    public required int StartIndex { get; init; }

    public required int NumSamples { get; init; }

    public required int BaseSeed { get; init; }

    public required int Attempt { get; init; }

    public required FailureKind Kind { get; init; }

    /// <summary>One sentence; for <see cref="FailureKind.Raised"/> the generator's own message.</summary>
    public required string Message { get; init; }

    /// <summary>The exception's type, where the generator raised.</summary>
    public string? ExceptionType { get; init; }

    public string? Traceback { get; init; }

    /// <summary>The end of what the generator printed (standard output and error), at most 16 KiB.</summary>
    public string? LogTail { get; init; }

    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>Where it failed, by a name that leads to the worker's log; null where nobody knows.</summary>
    public string? Worker { get; init; }

    /// <param name="range">The part of the message's range that failed.</param>
    public static FailureRecord Of(BatchMessage message, SampleRange range, FailureKind kind, string reason, DateTimeOffset at) => new()
    {
        Generator = message.Generator,
        StartIndex = range.Start,
        NumSamples = range.Count,
        BaseSeed = message.Seed,
        Attempt = message.Attempt,
        Kind = kind,
        Message = reason,
        FailedAt = at,
    };
}

/// <summary>The kind of a failure.</summary>
public enum FailureKind
{
    /// <summary>The generator raised an exception.</summary>
    Raised,

    /// <summary>It exited with a code other than 0.</summary>
    Exited,

    /// <summary>A signal ended it; SIGKILL is probably the kernel's out-of-memory killer.</summary>
    Killed,

    /// <summary>It took longer than the time-out.</summary>
    TimedOut,

    /// <summary>It ended well but left no sample, or more than one.</summary>
    NoOutput,

    /// <summary>Its sample lacks a required file, or a file is damaged.</summary>
    InvalidOutput,

    /// <summary>The message asks for a generator that is not there or cannot be run.</summary>
    UnusableGenerator,

    /// <summary>The worker itself died, or could not store the result, at every delivery.</summary>
    Worker,

    /// <summary>The record of the failure cannot be read; only its samples are known.</summary>
    Unreadable,
}

/// <summary>Marks a range that rests in the dead-letter queue; its key alone tells the range.</summary>
public sealed record DeadRange
{
    public required string Reason { get; init; }

    public required DateTimeOffset DiedAt { get; init; }
}
