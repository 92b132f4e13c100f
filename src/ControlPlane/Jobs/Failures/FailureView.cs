using System.Diagnostics.CodeAnalysis;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>The last error of a range of samples.</summary>
public sealed record FailureView : BatchErrorView
{
    [SetsRequiredMembers]
    internal FailureView(FailureRecord record, bool permanent, bool recovered)
        : base(record)
    {
        (Generator, Seed) = (record.Generator, record.BaseSeed);
        (ExceptionType, Traceback) = (record.ExceptionType, record.Traceback);
        (Permanent, Recovered) = (permanent, recovered);
    }

    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>The job's seed; sample i was drawn with <c>seed + i</c>.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>The exception's type, if the generator raised one.</summary>
    /// <example>ValueError</example>
    public string? ExceptionType { get; init; }

    /// <summary>The generator's traceback, if it raised an exception.</summary>
    public string? Traceback { get; init; }

    /// <summary>Whether the range, or a part of it, has failed for good and is in the dead-letter queue.</summary>
    public required bool Permanent { get; init; }

    /// <summary>Whether a later attempt has finished the whole range.</summary>
    public required bool Recovered { get; init; }
}
