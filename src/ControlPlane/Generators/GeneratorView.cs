using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Generators;

/// <summary>A generator: a program that draws samples of one kind of task.</summary>
public sealed record GeneratorView
{
    /// <summary>The name that jobs ask for it by.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>Whether jobs may ask for it.</summary>
    /// <example>true</example>
    public required bool Usable { get; init; }

    /// <summary>Why it cannot be used; absent if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>What it draws, from its README; absent without one.</summary>
    /// <example>Chess positions with a mate in one.</example>
    public string? Description { get; init; }

    /// <summary>The task's domain, where it was tried or its source declares one: samples are named after it, such as <c>chess_00000042</c>.</summary>
    /// <example>chess</example>
    public string? Domain { get; init; }

    /// <summary>The script that draws its samples, below its folder.</summary>
    /// <example>examples/generate.py</example>
    public required string Entry { get; init; }

    /// <summary>The command-line flags that its entry script takes.</summary>
    /// <example>["--num-samples", "--seed", "--output"]</example>
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>
    /// What a job's <c>parameters</c> may set: a JSON Schema (draft 2020-12), read from the source. <c>x-flag</c> and <c>x-field</c>
    /// tell how each is set. Absent where nothing can be set or nothing is known, and in lists.
    /// </summary>
    public ParameterSchema? Parameters { get; init; }

    /// <summary>Why it is not known what can be set; absent if it is.</summary>
    public string? ParametersProblem { get; init; }

    /// <summary>16 hex digits that change with its content; absent if it cannot be read.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>What became of drawing a sample of this version to try it.</summary>
    public required GeneratorTrialView Check { get; init; }
}

/// <summary>All generators.</summary>
public sealed record GeneratorList
{
    /// <summary>In order of name.</summary>
    public required IReadOnlyList<GeneratorView> Items { get; init; }
}
