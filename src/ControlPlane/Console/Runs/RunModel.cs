using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A job as every page about it shows it.</summary>
public sealed record RunModel
{
    /// <summary>The job.</summary>
    public required JobView Job { get; init; }

    /// <summary>What became of the last action; null without one.</summary>
    public string? Message { get; init; }

    /// <summary>Its generators, as far as they are on the page.</summary>
    public required GeneratorTable Generators { get; init; }

    /// <summary>Whether this is read for a page that is there already.</summary>
    public bool IsPart { get; init; }

    /// <summary>Whether the store gives the dataset in one tar.</summary>
    public bool HasTar { get; init; }

    /// <summary>The address of this page with its query.</summary>
    public required string Address { get; init; }
}
