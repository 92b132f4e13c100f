using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Datasets;

/// <summary>The samples of a dataset in their order, and the files that they are.</summary>
public sealed class DatasetRows(ManifestReader manifests)
{
    /// <summary>A generator's samples that are not excluded, ascending by index.</summary>
    /// <param name="job">The job.</param>
    /// <param name="generator">One of its generators.</param>
    /// <param name="from">The index to begin at; null for the first.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<SampleRow> RowsAsync(
        Job job, JobGenerator generator, int? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var finished in manifests.SamplesAsync(job, generator.Name, from, cancellationToken: cancellationToken))
            if (finished.Record.Excluded is null) yield return new SampleRow(job, generator, finished);
    }

    /// <summary>The files that a sample adds to those of the sample before it: its own, or the tars of the range that it is the first
    /// of.</summary>
    public static IEnumerable<DataFile> FilesOf(SampleRow row, SampleRow? before)
    {
        var manifest = row.Finished.Manifest;
        if (manifest.AllShards is not [var first, ..] shards)
            return row.Record.Files.Select(file => new DataFile(row.PathOf(file), file.Bytes, file.Sha256));
        return before?.Finished.Manifest.AllShards is [var last, ..] && last.Key == first.Key ? []
            : shards.Select(shard => new DataFile(row.PathOf(shard), shard.Bytes, shard.Sha256));
    }
}
