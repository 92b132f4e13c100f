using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Uniqueness;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>All samples that are finished within the job's range.</summary>
internal sealed class FinishedSelections(DuplicatePruner pruner) : ISelections
{
    public async Task<Selection> PrepareAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (job.Unique) await pruner.PruneAsync(job, cancellationToken);
        return await ReadAsync(job, read, cancellationToken);
    }

    public Task<Selection> ReadAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        return Task.FromResult(new Selection(job.Generators.ToDictionary(static generator => generator.Name,
            generator => read.Finished.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(RangeSet.Of(job.Range(read.Control.For(generator.Name)))), StringComparer.Ordinal)));
    }
}
