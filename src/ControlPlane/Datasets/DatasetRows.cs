namespace VmDataset.ControlPlane.Datasets;

/// <summary>The samples of a dataset in their order, and the files that they are.</summary>
internal sealed class DatasetRows(ManifestReader manifests)
{
    /// <summary>A generator's samples but for those that are left out, ascending by index.</summary>
    public async IAsyncEnumerable<SampleRow> RowsAsync(
        Job job, JobGenerator generator, int? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var finished in manifests.SamplesAsync(job, generator.Name, from, cancellationToken: cancellationToken))
            if (finished.Record.Excluded is null) yield return new SampleRow(job, generator, finished);
    }

    /// <summary>The files that a sample adds to those of the sample before it: its own, or the tar that it is the first of.</summary>
    public static IEnumerable<DataFile> FilesOf(SampleRow row, SampleRow? before)
    {
        var manifest = row.Finished.Manifest;
        if (manifest.Shard is not { } shard)
            return row.Record.Files.Select(file => new DataFile(row.PathOf(file), file.Bytes, file.Sha256));
        return before?.Finished.Manifest.Shard?.Key == shard.Key ? [] : [new DataFile(row.Shard, shard.Bytes, shard.Sha256)];
    }
}

/// <summary>A file of a dataset.</summary>
/// <param name="Path">Below the dataset's folder, see <see cref="ObjectKeys.DataPrefix"/>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Lower-case hex.</param>
internal sealed record DataFile(string Path, long Bytes, string Sha256);
