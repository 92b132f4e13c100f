using System.Runtime.Serialization;

namespace VmDataset.ControlPlane.Generators;

/// <summary>The result of trying a generator by drawing a sample.</summary>
[DataContract(Name = "GeneratorCheckView")]
public sealed record GeneratorTrialView
{
    /// <summary><c>pending</c> until a worker has tried the generator, then <c>passed</c> or <c>failed</c>.</summary>
    public required TrialState State { get; init; }

    /// <summary>Time of the trial (UTC); absent while it is pending.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Seconds that the sample took.</summary>
    /// <example>0.117</example>
    public double? Seconds { get; init; }

    /// <summary>The kind of failure. After <c>timed_out</c>, <c>killed</c> and <c>circumstances</c> the generator remains usable.</summary>
    public TrialFailure? Kind { get; init; }

    /// <summary>The error, in a sentence or in the generator's own words.</summary>
    /// <example>ModuleNotFoundError: No module named 'pymunk'</example>
    public string? Message { get; init; }

    /// <summary>Time of the next trial after a failure that may be temporary; absent if only another version can succeed.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The domain of the sample.</summary>
    /// <example>chess</example>
    public string? Domain { get; init; }

    /// <summary>The names of the sample's files.</summary>
    /// <example>["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"]</example>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>Modules that the worker's Python lacks and that the generator imports optionally: without them it may draw simpler samples
    /// than its author intended. Absent if there are none.</summary>
    /// <example>["chess"]</example>
    public IReadOnlyList<string>? LackedModules { get; init; }

    /// <summary>Whether two samples of one seed had the same bytes; absent if only one was drawn.</summary>
    public bool? Repeatable { get; init; }

    /// <summary>Whether samples of different seeds differed; absent if only one was drawn. <c>false</c> means that a job's samples may
    /// all be the same one.</summary>
    public bool? Varies { get; init; }

    /// <summary>The values that the trial made up for required parameters: first choices and smallest values. Absent if the generator
    /// requires none.</summary>
    /// <example>{"task": "sort"}</example>
    public ParameterSet? Parameters { get; init; }

    /// <summary>The end of the generator's traceback; absent in lists.</summary>
    public string? Traceback { get; init; }

    /// <summary>The end of the generator's output; absent in lists.</summary>
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
            Varies = check.Varies,
            Parameters = check.Parameters,
            Traceback = whole ? check.Traceback : null,
            LogTail = whole ? check.LogTail : null,
        };
}

/// <summary>The state of a generator's trial.</summary>
[DataContract(Name = "CheckState")]
public enum TrialState
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>It drew a valid sample.</summary>
    Passed,

    /// <summary>It did not.</summary>
    Failed,
}
