using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Galleries;

/// <summary>A page of a job's finished samples.</summary>
public sealed record GalleryModel
{
    public required JobView Job { get; init; }

    public required IReadOnlyList<SampleView> Samples { get; init; }

    /// <summary>Only this generator's; null for all.</summary>
    public string? Generator { get; init; }

    /// <summary>The next page's cursor; null on the last page.</summary>
    public string? Next { get; init; }

    /// <summary>Whether it is not the first page.</summary>
    public bool IsLater { get; init; }
}

/// <summary>A sample's own page.</summary>
public sealed record SampleModel(JobView Job, SampleView Sample, string? Parameters);
