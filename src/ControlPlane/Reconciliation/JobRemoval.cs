using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Removes a deleted job: its data, its records, its dead letters.</summary>
internal sealed class JobRemoval(JobRemover remover, DeadLetterService deadLetters, DiskReserve? reserve = null)
{
    /// <param name="jobId">The job.</param>
    /// <param name="job">Its record; null if that is gone already, or cannot be read.</param>
    /// <param name="pause">Ends it soon; a later call goes on.</param>
    /// <param name="cancellationToken">Ends it where it is.</param>
    /// <returns>Whether all of it is gone.</returns>
    public async Task<bool> RunAsync(string jobId, Job? job, CancellationToken pause, CancellationToken cancellationToken)
    {
        if (!await remover.RemoveAsync(jobId, job, pause, cancellationToken)) return false;
        await deadLetters.RemoveAsync(new DeadLetterFilter { JobId = jobId }, pause, cancellationToken);
        reserve?.Restore();
        return true;
    }
}
