namespace VmDataset.ControlPlane.Datasets;

/// <summary>Whether a job's files are a dataset yet.</summary>
public enum DatasetState
{
    /// <summary>The job has not ended, or its dataset is not written yet.</summary>
    Pending,

    /// <summary>It is being written.</summary>
    Writing,

    /// <summary>It is there.</summary>
    Ready,
}

/// <summary>A job's dataset.</summary>
public sealed record DatasetView
{
    /// <summary>
    /// <c>pending</c>: the job has not ended, or a moment ago. <c>writing</c>: its tables, card and sums are being written.
    /// <c>ready</c>: they are there. A retry makes it pending again.
    /// </summary>
    public required DatasetState State { get; init; }

    /// <summary>Samples in it; absent until it is ready.</summary>
    /// <example>10000</example>
    public long? Samples { get; init; }

    /// <summary>Bytes of its samples' files, or of its tars; absent until it is ready.</summary>
    /// <example>482110000</example>
    public long? Bytes { get; init; }

    /// <summary>The files about it, at the root of its folder; absent until it is ready.</summary>
    public IReadOnlyList<DatasetFileView>? Files { get; init; }
}

/// <summary>A file about a dataset.</summary>
public sealed record DatasetFileView
{
    /// <summary>Its name.</summary>
    /// <example>metadata.parquet</example>
    public required string Name { get; init; }

    /// <summary>Its size in bytes.</summary>
    /// <example>1048211</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of its content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }
}

/// <summary>A link to a file of a dataset.</summary>
public sealed record DownloadView
{
    /// <summary>Where it belongs, below the dataset's folder.</summary>
    /// <example>chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    /// <example>20413</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of its content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }

    /// <summary>Where to fetch it: on this server, or for an hour at the store's own.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public required string Url { get; init; }
}
