using VmDataset.Pipeline.Parameters;

namespace VmDataset.Pipeline.Generators;

/// <summary>A folder of a folder of generators, as it is now.</summary>
public sealed record GeneratorInfo
{
    /// <summary>The folder's name, by which jobs ask for it.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>The script that draws its samples, below its folder.</summary>
    public string Entry { get; init; } = GeneratorCatalog.EntryScript;

    /// <summary>Absolute path of the library that lies beside it at run time as well as the shared folders there; null where it imports
    /// none.</summary>
    public string? Library { get; init; }

    /// <summary>Why it cannot be run; null if nothing is known against it.</summary>
    public string? Problem { get; init; }

    /// <summary>The problem for others to read: where on this machine the generators lie is nobody's business but the machine's.</summary>
    public string? ShownProblem => Problem?.Replace(Folder, Name, StringComparison.Ordinal);

    public bool Usable => Problem is null;

    /// <summary>What became of trying it; null while that is not known.</summary>
    public GeneratorTrialResult? Check { get; init; }

    /// <summary>The first paragraph of its README; null without one.</summary>
    public string? Description { get; init; }

    /// <summary>What is odd about it without hindering its use; null if nothing is.</summary>
    public string? Warning { get; init; }

    /// <summary>The category that its README states; null where it states none.</summary>
    public string? Category { get; init; }

    /// <summary>The domain its source declares; null when only a run can tell.</summary>
    public string? Domain { get; init; }

    /// <summary>The command-line flags its entry script declares.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>The flag that takes the output folder: <c>--output</c> or, newer, <c>--output-dir</c>.</summary>
    public string OutputFlag => Flags.Contains("--output") || !Flags.Contains("--output-dir") ? "--output" : "--output-dir";

    /// <summary>The parameters that an index names; null if <see cref="IGeneratorRuntime.ParametersAsync"/> must find them.</summary>
    public ParameterDiscovery? Parameters { get; init; }

    /// <summary>Where its source reads the clock, as an index names it; null if <see cref="IGeneratorRuntime.ClockReadsAsync"/> must find
    /// it.</summary>
    public IReadOnlyList<ClockRead>? ClockReads { get; init; }

    /// <summary>What a job has set; null where the defaults hold.</summary>
    public ParameterBinding? Binding { get; init; }

    /// <summary>16 hex digits of the SHA-256 of its files, of the shared folders beside it and of what it has of the
    /// library.</summary>
    public required string Version { get; init; }

    /// <summary>The commit that its clone is at; null where it is no clone.</summary>
    public string? Commit { get; init; }

    /// <summary>Where it was cloned from; null where that is not known.</summary>
    public string? Repository { get; init; }
}
