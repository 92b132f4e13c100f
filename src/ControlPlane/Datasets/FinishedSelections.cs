using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>All samples that are finished within the job's range.</summary>
internal sealed class FinishedSelections : ISelections
{
    public Task<Selection> PrepareAsync(Job job, JobProgress read, CancellationToken cancellationToken) => ReadAsync(job, read, cancellationToken);

    public Task<Selection> ReadAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        var wanted = RangeSet.Of(job.Range());
        return Task.FromResult(new Selection(job.Generators.ToDictionary(static generator => generator.Name,
            generator => read.Finished.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(wanted), StringComparer.Ordinal)));
    }
}
