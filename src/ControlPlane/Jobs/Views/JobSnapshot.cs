namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>One reading of a job, from object names and the queue.</summary>
/// <param name="Job">What was asked for.</param>
/// <param name="Progress">How far it is, and what was done to it.</param>
/// <param name="Depth">Its messages on the queue; null where the queue cannot count one job's.</param>
internal sealed record JobSnapshot(Job Job, JobProgress Progress, QueueDepth? Depth);
