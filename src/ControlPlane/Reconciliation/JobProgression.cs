using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Brings an unfinished job nearer to its end.</summary>
internal sealed class JobProgression(
    JobSubmitter submitter, DeadLetterService deadLetters, DeadLetterRecorder recorder, FailureBudget budget, LimitGuard limits,
    DuplicateChecker duplicates, DuplicateCheckDispatcher duplicateChecks, VersionRecorder versions, JobSnapshotReader snapshots,
    IBatchQueue queue, BackendOptions backend)
{
    private static readonly CancellationToken Now = new(canceled: true);

    /// <summary>Does what is due.</summary>
    /// <param name="snapshot">A reading of the job.</param>
    /// <param name="patience">Without a sign of life for so long, another instance's dispatch is taken for dead; null for the
    /// default.</param>
    /// <param name="pause">Ends a dispatch at its next check-point.</param>
    /// <param name="cancellationToken">Ends it where it is.</param>
    /// <returns>The reading, or a new one if something was done.</returns>
    public async Task<JobSnapshot> AdvanceAsync(JobSnapshot snapshot, TimeSpan? patience, CancellationToken pause,
        CancellationToken cancellationToken)
    {
        var job = snapshot.Job;
        if (snapshot.Progress.State == JobState.Submitting && await submitter.ResumeAsync(job, patience, pause, cancellationToken))
        {
            await RemoveRetriedAsync(job, snapshot.Progress.Control, pause, cancellationToken);
            snapshot = await snapshots.ReadAloneAsync(job, cancellationToken);
        }

        if (await versions.RecordAsync(job, snapshot.Progress.Control, cancellationToken))
            snapshot = await snapshots.ReadAloneAsync(job, cancellationToken);
        if (snapshot.Progress.State == JobState.Running && await recorder.RunAsync(cancellationToken))
            snapshot = await snapshots.ReadAloneAsync(job, cancellationToken);
        if (await budget.StopIfSpentAsync(job, snapshot.Progress, cancellationToken))
            snapshot = await snapshots.ReadAloneAsync(job, cancellationToken);
        if (await limits.StopIfExceededAsync(job, snapshot.Progress, cancellationToken))
            snapshot = await snapshots.ReadAloneAsync(job, cancellationToken);
        if (!await CheckDuplicatesAsync(job, snapshot.Progress, cancellationToken)) return snapshot;
        await submitter.SubmitAsync(job, pause, cancellationToken);
        return await snapshots.ReadAloneAsync(job, cancellationToken);
    }

    /// <returns>Whether a look for duplicates has added an event to the job's log.</returns>
    private async Task<bool> CheckDuplicatesAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (DuplicateChecker.Due(job, read) is not [_, ..] due) return false;
        var counts = DuplicateCheckDispatcher.IsForWorker(job, due)
            ? await duplicateChecks.CountAsync(job, read, cancellationToken)
            : await duplicates.CountAsync(job, read, cancellationToken);
        return counts is not null && await duplicates.RecordAsync(job, read, counts, cancellationToken) is not null;
    }

    /// <summary>Sends what is not sent yet, without waiting for a sign of life of others: the caller has just asked for it.</summary>
    public async Task DispatchAsync(Job job, JobControlState control, CancellationToken pause, CancellationToken cancellationToken)
    {
        // On Lambda a request sends what fits into a second, and a worker the rest.
        var complete = await submitter.SubmitAsync(job, backend.OnLambda ? Now : pause, cancellationToken);
        if (!complete && backend.OnLambda)
            await queue.SendAsync([new OutgoingMessage(new DispatchTask(job.Id).ToJson(), job.Id)], cancellationToken);
        await RemoveRetriedAsync(job, control, pause, cancellationToken);
    }

    /// <summary>Removes the dead letters of messages that a retry has sent again.</summary>
    private async Task RemoveRetriedAsync(Job job, JobControlState control, CancellationToken pause, CancellationToken cancellationToken)
    {
        if (control.Events is not [.., { Type: JobEventType.Retried } retry]) return;
        await deadLetters.RemoveAsync(
            new DeadLetterFilter { JobId = job.Id, Generator = retry.Generator, BeforeGeneration = retry.Number }, pause,
                cancellationToken);
    }
}
