using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Datasets;

namespace VmDataset.Worker.Shards;

/// <summary>Makes shards, one after another: each lies in a temporary file until it is stored.</summary>
internal sealed class ShardMaker(IObjectStore store, ExportedDataset dataset)
{
    /// <returns>The part's record: its shards are stored. Null if the job was deleted or went on.</returns>
    /// <exception cref="InvalidDataException">A sample is not what its manifest says.</exception>
    public async Task<ExportPartRecord?> MakeAsync(
        Job job, ExportTask task, ExportPartPlan part, ShardFormat format, CancellationToken cancellationToken)
    {
        var fetcher = new SampleFetcher(store, job.Id);
        List<ExportShard> shards = [];
        foreach (var shard in part.Shards)
        {
            using var files = new DatasetFiles();
            var path = $"{task.Options.Folder}/{shard.Path}";
            await using (var file = new FileStream(files.At(path), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            await using (var content = format.Begin(file, shard.Samples.Count))
            {
                await foreach (var sample in fetcher.FetchAsync(part.Sources, shard.Samples, cancellationToken))
                    await content.AddAsync(sample, cancellationToken);
                await content.EndAsync(cancellationToken);
            }

            var made = await files.DescribeAsync(path, cancellationToken);
            // It would replace a shard of a newer export, or stay when all else of the job is gone.
            if (!await dataset.WasOfAsync(job, task.Of, cancellationToken)) return null;
            await files.StoreAsync(store, job.Id, [made], cancellationToken);
            shards.Add(new ExportShard(shard.Path, shard.Samples.Count, made.Bytes, made.Sha256));
        }

        return new ExportPartRecord(shards);
    }
}
