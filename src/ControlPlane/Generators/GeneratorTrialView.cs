using VmDataset.Pipeline.Generators;

namespace VmDataset.ControlPlane.Generators;

/// <summary>What became of drawing a sample of a generator to try it.</summary>
public sealed record GeneratorTrialView
{
    /// <summary><c>pending</c> until a worker has had time for it, <c>passed</c>, or <c>failed</c>.</summary>
    public required TrialState State { get; init; }

    /// <summary>When it was tried (UTC); absent while it is pending.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Seconds that the sample took.</summary>
    /// <example>0.117</example>
    public double? Seconds { get; init; }

    /// <summary>Why it failed. After <c>timed_out</c>, <c>killed</c> and <c>circumstances</c> it stays usable.</summary>
    public TrialFailure? Kind { get; init; }

    /// <summary>What went wrong, in a sentence or in the generator's own words.</summary>
    /// <example>ModuleNotFoundError: No module named 'pymunk'</example>
    public string? Message { get; init; }

    /// <summary>When it is tried again after a failure that may pass; absent where only another version can do better.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The domain of the sample.</summary>
    /// <example>chess</example>
    public string? Domain { get; init; }

    /// <summary>The names of the sample's files.</summary>
    /// <example>["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"]</example>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>
    /// Modules that the worker's Python lacked and that the generator imports where it may do without: it may draw something simpler than
    /// its author meant. Absent if there are none.
    /// </summary>
    /// <example>["chess"]</example>
    public IReadOnlyList<string>? LackedModules { get; init; }

    /// <summary>Whether one seed drawn twice gave the same bytes; absent if it was drawn once.</summary>
    public bool? Repeatable { get; init; }

    /// <summary>The end of the generator's traceback; for a single generator only.</summary>
    public string? Traceback { get; init; }

    /// <summary>The end of what the generator printed; for a single generator only.</summary>
    public string? LogTail { get; init; }

    internal static GeneratorTrialView Of(GeneratorInfo generator, bool whole) => generator.Check is not { } check
        ? new GeneratorTrialView { State = TrialState.Pending }
        : new GeneratorTrialView
        {
            State = check.Passed ? TrialState.Passed : TrialState.Failed,
            At = check.At,
            Seconds = check.Seconds,
            Kind = check.Kind,
            Message = check.Message,
            RetryAt = check.RetryAt,
            Domain = check.Domain,
            Files = check.Passed ? check.Files : null,
            LackedModules = check.LackedModules.Count > 0 ? check.LackedModules : null,
            Repeatable = check.Repeatable,
            Traceback = whole ? check.Traceback : null,
            LogTail = whole ? check.LogTail : null,
        };
}

/// <summary>Whether a generator was tried.</summary>
public enum TrialState
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>It drew a valid sample.</summary>
    Passed,

    /// <summary>It did not.</summary>
    Failed,
}
