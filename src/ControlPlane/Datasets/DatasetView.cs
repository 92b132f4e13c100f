namespace VmDataset.ControlPlane.Datasets;

/// <summary>The state of a job's dataset.</summary>
public enum DatasetState
{
    /// <summary>The job has not ended, or its dataset is not written yet.</summary>
    Pending,

    /// <summary>It is being written.</summary>
    Writing,

    /// <summary>It is written.</summary>
    Ready,
}

/// <summary>A job's dataset.</summary>
public sealed record DatasetView
{
    /// <summary>
    /// <c>pending</c>: the job has not ended, or has only just ended. <c>writing</c>: workers write its tables, card and checksums.
    /// <c>ready</c>: all of them are written. A retry sets the state back to pending.
    /// </summary>
    public required DatasetState State { get; init; }

    /// <summary>Number of samples; absent until the dataset is ready.</summary>
    /// <example>10000</example>
    public long? Samples { get; init; }

    /// <summary>Bytes of the samples' files, or of the tars; absent until the dataset is ready.</summary>
    /// <example>482110000</example>
    public long? Bytes { get; init; }

    /// <summary>Number of parts that workers write: one for a dataset of up to 250,000 samples, else one or more per generator. Present
    /// while the dataset is being written.</summary>
    /// <example>200</example>
    public int? Parts { get; init; }

    /// <summary>Number of parts that are written; present while the dataset is being written.</summary>
    /// <example>140</example>
    public int? PartsWritten { get; init; }

    /// <summary>The reason why a part could not be written, if there is one. The part is tried again later.</summary>
    public string? Problem { get; init; }

    /// <summary>The files that describe the dataset, at the root of its folder; absent until the dataset is ready.</summary>
    public IReadOnlyList<DatasetFileView>? Files { get; init; }
}

/// <summary>A file that describes a dataset.</summary>
public sealed record DatasetFileView
{
    /// <summary>The file's name.</summary>
    /// <example>metadata.parquet</example>
    public required string Name { get; init; }

    /// <summary>The file's size in bytes.</summary>
    /// <example>1048211</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file's content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }
}

/// <summary>A link to a file of a dataset.</summary>
public sealed record DownloadView
{
    /// <summary>The file's path below the dataset's folder.</summary>
    /// <example>chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public required string Path { get; init; }

    /// <summary>The file's size in bytes.</summary>
    /// <example>20413</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file's content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }

    /// <summary>The file's address: on this server, or, valid for an hour, at the store.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public required string Url { get; init; }
}
