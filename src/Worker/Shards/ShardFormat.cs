using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>A form of shards: what a sample is in it, how large, and under which names.</summary>
internal abstract class ShardFormat
{
    /// <summary>Bytes of a shard without samples.</summary>
    public abstract long EmptyBytes { get; }

    /// <summary>Bytes that a sample adds to a shard, at most.</summary>
    public abstract long SizeOf(SampleSource source, PlannedSample sample);

    /// <summary>A shard's path below the export's folder.</summary>
    /// <param name="split">The split of its samples; null in a job without splits.</param>
    /// <param name="generator">The generator of its samples; null where it has those of all.</param>
    /// <param name="number">0 for the first of these.</param>
    public abstract string PathOf(string? split, string? generator, int number);

    /// <summary>Begins a shard.</summary>
    /// <param name="to">An empty file.</param>
    /// <param name="samples">The number of samples that it will have.</param>
    public abstract ShardContent Begin(Stream to, int samples);

    /// <summary>The files that name the shards, by their paths below the export's folder.</summary>
    public virtual IEnumerable<(string Path, byte[] Content)> IndicesOf(IReadOnlyList<ExportShard> shards) => [];

    /// <param name="options">What was asked for, with shards.</param>
    /// <param name="files">The files that every sample has.</param>
    public static ShardFormat Of(ExportOptions options, IReadOnlyList<string> files) => options.Profile switch
    {
        ExportProfile.WebDataset => new TarFormat(),
        ExportProfile.Mds => new MdsFormat(options, files),
        var other => throw new ArgumentOutOfRangeException(nameof(options), other, "Its profile has no shards."),
    };

    /// <summary>Whether a sample is in shards of a profile.</summary>
    public static bool Takes(ExportOptions options, SampleRow row) => options.Profile == ExportProfile.WebDataset
        // Its columns are the same for all samples.
        || (row.Video.Length > 0 && row.Record.Files.Any(static file => file.Name == MdsFormat.PromptFile));
}

/// <summary>The content of a shard while it is written.</summary>
internal abstract class ShardContent : IAsyncDisposable
{
    public abstract Task AddAsync(SampleContent sample, CancellationToken cancellationToken);

    /// <summary>Writes what comes after the last sample.</summary>
    public abstract Task EndAsync(CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync() => default;
}
