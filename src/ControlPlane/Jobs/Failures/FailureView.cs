using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>The last error of a range of samples.</summary>
public sealed record FailureView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>First index of the range.</summary>
    /// <example>17</example>
    public required int StartIndex { get; init; }

    /// <summary>Number of samples in the range.</summary>
    /// <example>1</example>
    public required int NumSamples { get; init; }

    /// <summary>The job's seed; sample i was drawn with the seed <c>base_seed + i</c>.</summary>
    /// <example>42</example>
    public required int BaseSeed { get; init; }

    /// <summary>The attempt that failed, from 1.</summary>
    /// <example>3</example>
    public required int Attempt { get; init; }

    /// <summary>
    /// <c>raised</c> an exception, <c>exited</c> with a code other than 0, <c>killed</c> by a signal, <c>timed_out</c>,
    /// <c>no_output</c>: not exactly one sample, <c>invalid_output</c>: a required file is missing or damaged,
    /// <c>unusable_generator</c>: missing or impossible to run, <c>worker</c>: the worker itself died at every delivery,
    /// <c>unreadable</c>: the record of the failure cannot be read, and the attempt is unknown.
    /// </summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The error, in a sentence.</summary>
    /// <example>no solvable position found</example>
    public required string Message { get; init; }

    /// <summary>The exception's type, if the generator raised one.</summary>
    /// <example>ValueError</example>
    public string? ExceptionType { get; init; }

    /// <summary>The generator's traceback, if it raised an exception.</summary>
    public string? Traceback { get; init; }

    /// <summary>The end of the generator's output, at most 16 KiB.</summary>
    public string? LogTail { get; init; }

    /// <summary>Time of the failure (UTC).</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The worker on which it failed: its host and process, or the log stream of its function; absent if unknown.</summary>
    /// <example>worker-3:71</example>
    public string? Worker { get; init; }

    /// <summary>Whether the range, or a part of it, has failed for good and is in the dead-letter queue.</summary>
    public required bool Dead { get; init; }

    /// <summary>Whether a later attempt has finished the whole range.</summary>
    public required bool Recovered { get; init; }
}
