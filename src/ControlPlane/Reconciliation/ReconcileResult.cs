namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>The outcome of one pass over a job.</summary>
/// <param name="RequeueAt">When to come again; null if nothing is left to do and the job's marker is removed.</param>
/// <param name="Removed">Whether the job was deleted, and all of it is removed.</param>
internal readonly record struct ReconcileResult(DateTimeOffset? RequeueAt, bool Removed = false);
