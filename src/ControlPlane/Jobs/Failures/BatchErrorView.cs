using System.Diagnostics.CodeAnalysis;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>The failure of a range of samples, as a list of batches shows it.</summary>
public record BatchErrorView
{
    [SetsRequiredMembers]
    internal BatchErrorView(FailureSummary failure)
    {
        (StartIndex, Samples, Attempt) = (failure.StartIndex, failure.NumSamples, failure.Attempt);
        (Kind, Message, LogTail) = (failure.Kind, failure.Message, failure.LogTail);
        (FailedAt, Worker) = (failure.FailedAt, failure.Worker);
    }

    /// <summary>First index of the range.</summary>
    /// <example>17</example>
    public required int StartIndex { get; init; }

    /// <summary>Number of samples in the range.</summary>
    /// <example>1</example>
    public required int Samples { get; init; }

    /// <summary>The attempt that failed, from 1.</summary>
    /// <example>3</example>
    public required int Attempt { get; init; }

    /// <summary><c>raised</c> an exception, <c>exited</c> with a code other than 0, <c>killed</c> by a signal, <c>timed_out</c>,
    /// <c>no_output</c>: not exactly one sample, <c>invalid_output</c>: a required file is missing or damaged, <c>unusable_generator</c>:
    /// missing or impossible to run, <c>worker</c>: the worker itself died at every delivery, <c>unreadable</c>: the record of the failure
    /// cannot be read, and the attempt is unknown.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The error, in a sentence; the generator's own message if it raised an exception.</summary>
    /// <example>no solvable position found</example>
    public required string Message { get; init; }

    /// <summary>The end of the generator's output (standard output and error), at most 16 KiB.</summary>
    public string? LogTail { get; init; }

    /// <summary>Time of the failure (UTC).</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The worker on which it failed: its host and process, or the log stream of its function; absent if unknown.</summary>
    /// <example>worker-3:71</example>
    public string? Worker { get; init; }
}
