using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>The failure of a range of samples.</summary>
public record FailureSummary
{
    /// <summary>First index of the range.</summary>
    public required int StartIndex { get; init; }

    /// <summary>Number of samples in the range.</summary>
    public required int NumSamples { get; init; }

    /// <summary>The attempt that failed, from 1.</summary>
    public required int Attempt { get; init; }

    public required FailureKind Kind { get; init; }

    /// <summary>The error, in a sentence; the generator's own message if it raised an exception.</summary>
    public required string Message { get; init; }

    /// <summary>The end of the generator's output (standard output and error), at most 16 KiB.</summary>
    public string? LogTail { get; init; }

    /// <summary>Time of the failure (UTC).</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The worker on which it failed: its host and process, or the log stream of its function; absent if unknown.</summary>
    public string? Worker { get; init; }
}

/// <summary>The last error of a range of samples.</summary>
public record FailureRecord : FailureSummary
{
    /// <summary>The generator.</summary>
    public required string Generator { get; init; }

    /// <summary>The job's seed; sample i was drawn with the seed <c>base_seed + i</c>.</summary>
    public required int BaseSeed { get; init; }

    /// <summary>The exception's type, if the generator raised one.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The generator's traceback, if it raised an exception.</summary>
    public string? Traceback { get; init; }

    /// <param name="range">The part of the message's range that failed.</param>
    public static FailureRecord Of(BatchMessage message, SampleRange range, FailureKind kind, string reason, DateTimeOffset at) => new()
    {
        Generator = message.Name,
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

/// <summary>Says that a range was dead-lettered; its key carries the range.</summary>
public sealed record DeadRange
{
    public required string Reason { get; init; }

    public required DateTimeOffset DiedAt { get; init; }
}
