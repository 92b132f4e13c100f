namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>Failures of one generator that say the same.</summary>
public sealed record FailureCauseView
{
    /// <summary>Identifies the cause: the same for every failure that says the same. A retry can be limited to it.</summary>
    /// <example>5b0c2f9d71ae</example>
    public required string Id { get; init; }

    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>The kind of the failures, as in the list of failures.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The exception's type, if the generator raised one.</summary>
    /// <example>ValueError</example>
    public string? ExceptionType { get; init; }

    /// <summary>The error, with <c>#</c> in the place of each number: one cause gives each sample another index or seed.</summary>
    /// <example>no solvable position found for seed #</example>
    public required string Message { get; init; }

    /// <summary>Number of samples that failed so and are not finished since.</summary>
    /// <example>6</example>
    public required long Samples { get; init; }

    /// <summary>Number of these samples that have failed for good. The others are drawn again by themselves while the job runs.</summary>
    /// <example>5</example>
    public required long PermanentSamples { get; init; }

    /// <summary>Number of the job's batches that such a sample belongs to.</summary>
    /// <example>2</example>
    public required int Batches { get; init; }

    /// <summary>The first index that failed so.</summary>
    /// <example>17</example>
    public required int FirstIndex { get; init; }

    /// <summary>The first twelve ranges of indices that failed so, ascending.</summary>
    public required IReadOnlyList<FailedRangeView> Ranges { get; init; }

    /// <summary>Number of all such ranges.</summary>
    /// <example>3</example>
    public required int RangeCount { get; init; }

    /// <summary>The newest of the failures, with its time, message, traceback and log.</summary>
    public required FailureView Newest { get; init; }
}

/// <summary>A range of indices that failed.</summary>
public sealed record FailedRangeView
{
    /// <summary>First index of the range.</summary>
    /// <example>17</example>
    public required int StartIndex { get; init; }

    /// <summary>Number of samples in the range.</summary>
    /// <example>4</example>
    public required int Samples { get; init; }
}
