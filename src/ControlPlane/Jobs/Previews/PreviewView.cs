using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Samples;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>A few samples of a generator.</summary>
public sealed record PreviewView
{
    /// <summary>The id of the job that makes them. The list of jobs does not show it; all other operations on jobs apply.</summary>
    /// <example>preview-5df6e0e2761359d3</example>
    public required string Id { get; init; }

    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>The generator's version; absent if it cannot be read.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>Sample i is drawn with the seed <c>seed + i</c>.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>The job's state; <c>running</c> and <c>submitting</c> are not final.</summary>
    public required JobState State { get; init; }

    /// <summary>The finished samples, ordered by index.</summary>
    public required IReadOnlyList<PreviewSampleView> Samples { get; init; }

    /// <summary>The failures, in the generator's own words.</summary>
    public required IReadOnlyList<FailureView> Failures { get; init; }

    /// <summary>Paths to more about the preview.</summary>
    public required PreviewLinks Links { get; init; }
}

/// <summary>A sample of a preview.</summary>
public sealed record PreviewSampleView
{
    /// <summary>The sample's index.</summary>
    /// <example>0</example>
    public required int Index { get; init; }

    /// <summary>The sample's seed.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>Seconds that the generator took for the sample.</summary>
    /// <example>0.117</example>
    public required double Seconds { get; init; }

    /// <summary>The text of prompt.txt, at most the first 64 KiB.</summary>
    /// <example>White to move. Find the mate in one.</example>
    public required string Prompt { get; init; }

    /// <summary>Address of the first frame.</summary>
    public string? FirstFrame { get; init; }

    /// <summary>Address of the final frame; absent without one.</summary>
    public string? FinalFrame { get; init; }

    /// <summary>Address of the video; absent without one.</summary>
    public string? Video { get; init; }

    /// <summary>All files of the sample.</summary>
    public required IReadOnlyList<SampleFileView> Files { get; init; }
}

/// <summary>Paths on this server.</summary>
public sealed record PreviewLinks
{
    /// <summary>A page that shows the samples in a browser.</summary>
    /// <example>/jobs/preview-5df6e0e2761359d3/gallery</example>
    public required string Gallery { get; init; }

    /// <summary>The job that makes the samples.</summary>
    /// <example>/v1/jobs/preview-5df6e0e2761359d3</example>
    public required string Job { get; init; }
}
