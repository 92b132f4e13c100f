namespace VmDataset.ControlPlane.Generators;

/// <summary>A generator: a program that draws samples of one kind of task.</summary>
public sealed record GeneratorView
{
    /// <summary>The generator's name, as jobs use it.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>Whether jobs can use the generator.</summary>
    /// <example>true</example>
    public required bool Usable { get; init; }

    /// <summary>The reason for which it cannot be used; absent if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>A description of its samples, from its README; absent without one.</summary>
    /// <example>Chess positions with a mate in one.</example>
    public string? Description { get; init; }

    /// <summary>What is odd about it without hindering its use, such as a second generator of its name; absent if nothing is.</summary>
    public string? Warning { get; init; }

    /// <summary>The category that the generator's README states in a table; absent if it states none.</summary>
    /// <example>Abstraction</example>
    public string? Category { get; init; }

    /// <summary>The task's domain, from the trial or the source; samples are named after it, such as <c>chess_00000042</c>. Absent if
    /// unknown.</summary>
    /// <example>chess</example>
    public string? Domain { get; init; }

    /// <summary>The path of the script that draws the samples, below the generator's folder.</summary>
    /// <example>examples/generate.py</example>
    public required string Entry { get; init; }

    /// <summary>The command-line flags of that script.</summary>
    /// <example>["--num-samples", "--seed", "--output"]</example>
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>The JSON Schema (draft 2020-12) of a job's <c>parameters</c>, read from the source. <c>x-flag</c> and <c>x-field</c> say
    /// how each is set. Absent if there are none, if they are unknown, and in lists.</summary>
    public ParameterSchema? Parameters { get; init; }

    /// <summary>The reason for which the parameters are unknown; absent if they are known.</summary>
    public string? ParametersProblem { get; init; }

    /// <summary>The functions of the clock that the source names, ordered by file. They read a clock that is a function of the sample's
    /// seed. Absent if unknown, and in lists.</summary>
    public IReadOnlyList<ClockRead>? ReadsClock { get; init; }

    /// <summary>The version: 16 hex digits that change with the content; absent if the content cannot be read.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>The result of trying this version by drawing a sample.</summary>
    public required GeneratorTrialView Check { get; init; }
}

/// <summary>A list of generators.</summary>
public sealed record GeneratorList
{
    /// <summary>The generators, ordered by name.</summary>
    public required IReadOnlyList<GeneratorView> Items { get; init; }
}
