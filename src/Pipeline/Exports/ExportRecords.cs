using VmDataset.Pipeline.Datasets;

namespace VmDataset.Pipeline.Exports;

/// <summary>An export that was asked for.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Of">The dataset that it is to be made of, see <see cref="DatasetRecord.Of"/>.</param>
/// <param name="SentAt">When its message was put on the queue last.</param>
public sealed record ExportRequestRecord(ExportOptions Options, string Of, DateTimeOffset SentAt);

/// <summary>An export that was made, or could not be.</summary>
public sealed record ExportRecord
{
    public required ExportOptions Options { get; init; }

    /// <summary>The dataset that it was made of.</summary>
    public required string Of { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Samples in it.</summary>
    public long Samples { get; init; }

    /// <summary>Samples of the dataset that are not in it, as they lack a video or a prompt.</summary>
    public long Skipped { get; init; }

    /// <summary>Its files, by their paths below the dataset's folder.</summary>
    public IReadOnlyList<DataFile> Files { get; init; } = [];

    /// <summary>Why it could not be made; null if it was.</summary>
    public string? Problem { get; init; }
}
