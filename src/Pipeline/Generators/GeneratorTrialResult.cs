using System.Runtime.Serialization;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.Pipeline.Generators;

/// <summary>What became of drawing samples of one version of a generator to try it.</summary>
public sealed record GeneratorTrialResult
{
    public required string Generator { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Why it failed; null if it passed.</summary>
    public TrialFailure? Kind { get; init; }

    /// <summary>What went wrong, in a sentence or the generator's own words.</summary>
    public string? Message { get; init; }

    public string? Traceback { get; init; }

    /// <summary>The end of what the generator printed.</summary>
    public string? LogTail { get; init; }

    /// <summary>Seconds that the generator took; null if it was not run.</summary>
    public double? Seconds { get; init; }

    /// <summary>The domain of the sample that it drew.</summary>
    public string? Domain { get; init; }

    /// <summary>The names of that sample's files.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Modules that the interpreter lacks and the generator can do without: its sample may not be what its author meant.</summary>
    public IReadOnlyList<string> LackedModules { get; init; } = [];

    /// <summary>Whether one seed drawn twice gave the same bytes, <c>metadata.json</c> included; null if it was drawn once.</summary>
    public bool? Repeatable { get; init; }

    /// <summary>Whether samples of other seeds differed from the first, <c>metadata.json</c> apart; null if none was drawn.</summary>
    public bool? Varies { get; init; }

    /// <summary>What was made up for the parameters that it requires; null where it requires none.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>How often in a row it failed.</summary>
    public int Tries { get; init; } = 1;

    public bool Passed => Kind is null;

    /// <summary>Whether jobs for the generator are refused. Time, memory and the worker may be better elsewhere or later, and a job's
    /// values for what it requires better than those made up.</summary>
    public bool Condemns => Kind is not (null or TrialFailure.TimedOut or TrialFailure.Killed or TrialFailure.Circumstances)
        && !(Parameters is not null && MayDependOnSeed);

    /// <summary>Whether another sample of it may be drawn all the same.</summary>
    public bool MayDependOnSeed => Kind is TrialFailure.Raised or TrialFailure.Exited or TrialFailure.NoOutput
        or TrialFailure.InvalidOutput;

    /// <summary>When a failure is to be looked at again; null if only another version can do better.</summary>
    public DateTimeOffset? RetryAt => Kind switch
    {
        // May be installed at any moment, and costs next to nothing to try.
        TrialFailure.MissingModule => At + TimeSpan.FromMinutes(5),
        TrialFailure.TimedOut or TrialFailure.Killed or TrialFailure.Circumstances => At
            + TimeSpan.FromMinutes(10 * Math.Min(144, 1 << Math.Min(Tries - 1, 8))),
        // A network, a program or another version of a library may be there by then.
        _ when MayDependOnSeed => At + TimeSpan.FromHours(Math.Min(24, 1 << Math.Min(Tries - 1, 5))),
        _ => null,
    };
}

/// <summary>The reason for which the trial of a generator failed.</summary>
[DataContract(Name = "CheckFailure")]
public enum TrialFailure
{
    /// <summary>It has no script, or its script does not take what a draw needs to say.</summary>
    Contract,

    /// <summary>It imports a Python module that is not installed.</summary>
    MissingModule,

    /// <summary>It raised an exception.</summary>
    Raised,

    /// <summary>It exited with a code other than 0.</summary>
    Exited,

    /// <summary>It ended well but left no sample, or several of one task.</summary>
    NoOutput,

    /// <summary>Its sample lacks a required file, or a file is damaged.</summary>
    InvalidOutput,

    /// <summary>It took longer than a sample may.</summary>
    TimedOut,

    /// <summary>A signal ended it, probably for want of memory.</summary>
    Killed,

    /// <summary>The worker or its machine was at fault: no lane, no memory, no room on the disk.</summary>
    Circumstances,
}
