using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>A few samples of a generator, to look at.</summary>
public sealed record PreviewView
{
    /// <summary>The job that makes them; it is not in the list of jobs, and everything else of a job can be asked of it.</summary>
    /// <example>preview-5df6e0e2761359d3</example>
    public required string Id { get; init; }

    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>Its version; absent if it cannot be read.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>Sample i is drawn with the seed <c>seed + i</c>.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>How it stands: <c>running</c> and <c>submitting</c> are still to come.</summary>
    public required JobState State { get; init; }

    /// <summary>The samples that are there, by index.</summary>
    public required IReadOnlyList<PreviewSampleView> Samples { get; init; }

    /// <summary>What failed, in the generator's own words.</summary>
    public required IReadOnlyList<FailureView> Failures { get; init; }

    /// <summary>Where to go on.</summary>
    public required PreviewLinks Links { get; init; }
}

/// <summary>A sample of a preview.</summary>
public sealed record PreviewSampleView
{
    /// <summary>Its index.</summary>
    /// <example>0</example>
    public required int Index { get; init; }

    /// <summary>The seed it was drawn with.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>Seconds that the generator took.</summary>
    /// <example>0.117</example>
    public required double Seconds { get; init; }

    /// <summary>The text of prompt.txt, at most its first 64 KiB.</summary>
    /// <example>White to move. Find the mate in one.</example>
    public required string Prompt { get; init; }

    /// <summary>The first frame.</summary>
    public string? FirstFrame { get; init; }

    /// <summary>The final frame; absent without one.</summary>
    public string? FinalFrame { get; init; }

    /// <summary>The video; absent without one.</summary>
    public string? Video { get; init; }

    /// <summary>All its files.</summary>
    public required IReadOnlyList<SampleFileView> Files { get; init; }
}

/// <summary>Where a preview leads to.</summary>
public sealed record PreviewLinks
{
    /// <summary>A page that shows it in the browser.</summary>
    /// <example>/jobs/preview-5df6e0e2761359d3</example>
    public required string Gallery { get; init; }

    /// <summary>The job that makes it.</summary>
    /// <example>/v1/jobs/preview-5df6e0e2761359d3</example>
    public required string Job { get; init; }
}
