using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Exports;

/// <summary>Tells whether a job's data still is the dataset that an export was asked of.</summary>
public sealed class ExportedDataset(JobEventLog log, ProgressReader progress, DatasetStore datasets)
{
    /// <summary>By the names and times of all manifests.</summary>
    public async Task<bool> IsOfAsync(Job job, string of, CancellationToken cancellationToken = default) =>
        await WasOfAsync(job, of, cancellationToken) && DatasetIdentity.Of(await progress.ReadAsync(job, cancellationToken)) == of;

    /// <summary>By two records: false means that an export of it is of no use.</summary>
    public async Task<bool> WasOfAsync(Job job, string of, CancellationToken cancellationToken = default) =>
        !(await log.ReadAsync(job.Id, cancellationToken)).Deleted && (await datasets.FindAsync(job.Id, cancellationToken))?.Of == of;
}
