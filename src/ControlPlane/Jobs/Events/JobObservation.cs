using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Events;

internal sealed record JobObservation(JobView View, JobProgress Read, FailureTimeline Failures)
{
    public JobProgressView Progress { get; } = JobProgressView.Of(View);

    public IReadOnlyList<JobEvent> Events => Read.Control.Events;

    public bool Deleted => Read.Control.Deleted;

    /// <summary>Whether nothing more comes by itself: the last sample that a worker had in hand is stored.</summary>
    public bool IsLast => Deleted || Read.Settled;
}
