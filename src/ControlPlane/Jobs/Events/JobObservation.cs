using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>One reading of a job.</summary>
internal sealed record JobObservation(JobView View, JobProgress Read, FailureTimeline Failures)
{
    public JobProgressView Progress { get; } = JobProgressView.Of(View);

    /// <summary>What was done to the job, in order.</summary>
    public IReadOnlyList<JobEvent> Events => Read.Control.Events;

    public bool Deleted => Read.Control.Deleted;

    /// <summary>Whether nothing more comes by itself: the last sample that a worker had in hand is stored.</summary>
    public bool IsLast => Deleted || Read.Settled;
}
