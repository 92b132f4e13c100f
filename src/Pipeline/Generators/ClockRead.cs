namespace VmDataset.Pipeline.Generators;

/// <summary>A function of the clock that a generator's source names.</summary>
public sealed record ClockRead
{
    /// <summary>The file, below the generator's folder, or below the folder of generators where it is a shared one.</summary>
    /// <example>core/metadata_builder.py</example>
    public required string File { get; init; }

    /// <summary>The function by its full name in Python.</summary>
    /// <example>datetime.datetime.now</example>
    public required string Function { get; init; }
}
