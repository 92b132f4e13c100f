using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Progress;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>Decides which samples belong to a job's dataset.</summary>
internal interface ISelections
{
    /// <summary>Comes each time before the dataset's files are written. What it does may be done by two instances at once, or cut short.</summary>
    Task<Selection> PrepareAsync(Job job, JobProgress read, CancellationToken cancellationToken);

    /// <summary>What was prepared for a dataset that is ready.</summary>
    Task<Selection> ReadAsync(Job job, JobProgress read, CancellationToken cancellationToken);
}
