using VmDataset.ControlPlane.Datasets;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>The state of an export.</summary>
public enum ExportState
{
    /// <summary>A worker will make it, or is at it.</summary>
    Pending,

    /// <summary>Its files are there.</summary>
    Ready,

    /// <summary>It was made of data that has changed since.</summary>
    Outdated,

    /// <summary>It could not be made.</summary>
    Failed,
}

/// <summary>An export of a job's dataset: files in which a trainer, or another program, finds it.</summary>
public sealed record ExportView
{
    /// <summary>The export's name within the job: its profile, its split and a hash of its <c>base_path</c>, or of shards other than the
    /// profile's defaults, where it has such.</summary>
    /// <example>diffsynth</example>
    public required string Id { get; init; }

    /// <summary>The program that reads it.</summary>
    /// <example>diffsynth</example>
    public required string Profile { get; init; }

    /// <summary>The folder of the dataset that its files name; absent where their paths are relative.</summary>
    public string? BasePath { get; init; }

    /// <summary>The split whose samples are in it; absent for all samples of the dataset.</summary>
    /// <example>train</example>
    public string? Split { get; init; }

    /// <summary>Which samples share its shards: <c>mixed</c> or <c>by_generator</c>; absent where it copies none.</summary>
    /// <example>mixed</example>
    public string? Shards { get; init; }

    /// <summary>Bytes of its shards at most; absent where it copies no samples.</summary>
    /// <example>268435456</example>
    public long? ShardBytes { get; init; }

    /// <summary>The seed of its shuffle; absent where it copies no samples.</summary>
    /// <example>0</example>
    public int? Seed { get; init; }

    /// <summary>
    /// <c>pending</c>: a worker makes it. <c>ready</c>: its files are there. <c>outdated</c>: the job's data changed since, as after a
    /// retry; the same request makes it anew. <c>failed</c>: <c>problem</c> says why; the same request tries again.
    /// </summary>
    public required ExportState State { get; init; }

    /// <summary>Number of samples in it; absent until it is made.</summary>
    /// <example>9998</example>
    public long? Samples { get; init; }

    /// <summary>Number of samples of the dataset that are not in it, as they lack a video or a prompt (none of
    /// <c>webdataset</c>, which takes them too); absent until it is made.</summary>
    /// <example>2</example>
    public long? Skipped { get; init; }

    /// <summary>Its files; absent until it is made.</summary>
    public IReadOnlyList<DownloadView>? Files { get; init; }

    /// <summary>How the program is told to read it; <c>FOLDER</c> stands for the dataset's folder where that is not known.</summary>
    /// <example>dataset_json: FOLDER/exports/vbvr-rl/dataset.json, in the configuration of the training</example>
    public required string Usage { get; init; }

    /// <summary>The reason why it could not be made, if there is one.</summary>
    public string? Problem { get; init; }
}
