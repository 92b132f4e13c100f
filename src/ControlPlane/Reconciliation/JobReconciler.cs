using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Datasets;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// The only code that moves a job on. It reads how the job stands and does what is due: finish a removal, dispatch messages, record what
/// the queue dead-lettered, stop a job whose failure budget, cost limit or time is spent, replace duplicates, send the messages of the
/// dataset, deliver webhooks, record how long its samples took. It keeps no state of its own, so any number of instances may reconcile
/// one job at the same time, and the next pass completes one that was cut short.
/// </summary>
internal sealed class JobReconciler(
    JobStore jobs, JobEventLog log, JobSnapshotReader snapshots, EndedListingStore listings, PendingJobs pending,
    JobRemoval removal, JobProgression progression, DatasetDispatcher datasets, MeasurementRecorder measurements,
    TimeProvider time, WebhookDispatcher? webhooks = null)
{
    // A marker precedes its job's record; one that has been alone for so long belongs to a submission that died.
    private static readonly TimeSpan Orphaned = TimeSpan.FromHours(1);

    // A pass costs LISTs in proportion to the job's size, so a large job is reconciled less often; its end must not wait for long, unless
    // nothing has moved for long either.
    private const int PausePerCost = 20;
    private const int StillnessPerPause = 10;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseWhenNothingMoves = TimeSpan.FromMinutes(1);

    /// <summary>One pass over a job that has a marker.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="markedAt">When its marker was written.</param>
    /// <param name="patience">Without a sign of life for so long, another instance's dispatch is taken for dead; null for the
    /// default.</param>
    /// <param name="pause">Ends the pass at its next check-point.</param>
    /// <param name="cancellationToken">Ends it where it is.</param>
    /// <returns>When to come again; null if nothing is left to do and the marker is removed.</returns>
    /// <exception cref="IOException">The store or the queue is out of reach.</exception>
    public async Task<DateTimeOffset?> ReconcileAsync(
        string jobId, DateTimeOffset markedAt, TimeSpan? patience, CancellationToken pause, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var record = await jobs.ReadAsync(jobId, cancellationToken);
        var snapshot = record.Value is { } found ? await snapshots.ReadAloneAsync(found, cancellationToken) : null;
        var control = snapshot?.Progress.Control ?? await log.ReadAsync(jobId, cancellationToken);
        if (control.Deleted)
        {
            if (!await removal.RunAsync(jobId, record.Value, pause, cancellationToken)) return After(ShortPause);
            await pending.ClearAsync(jobId, cancellationToken);
            return null;
        }

        if (snapshot is null) return record.IsAbsent ? await WithoutRecordAsync(jobId, markedAt, cancellationToken)
            : After(PauseWhenNothingMoves);
        snapshot = await progression.AdvanceAsync(snapshot, patience, pause, cancellationToken);
        var read = snapshot.Progress;
        if (read.State == JobState.Unreadable) return After(PauseWhenNothingMoves);

        await listings.PutAsync(snapshot.Job, read, DatasetIdentity.Of, cancellationToken);
        var written = read.Settled && (JobId.IsPreview(jobId) || await datasets.DispatchAsync(snapshot.Job, read, cancellationToken));
        var due = webhooks is null ? null : await webhooks.DeliverAsync(snapshot, pause);
        if (written && due is null)
        {
            await measurements.RecordAsync(snapshot.Job, read, cancellationToken);
            return await FinishAsync(snapshot, cancellationToken);
        }

        if (written) return due;
        var next = After(read.State == JobState.Paused ? PauseWhenNothingMoves : PauseOf(snapshot, time.GetElapsedTime(start)));
        return due < next ? due : next;
    }

    private TimeSpan PauseOf(JobSnapshot snapshot, TimeSpan pass)
    {
        var cost = PausePerCost * pass;
        var changed = snapshot.Progress.Control.Events is [.., { At: var at }] ? at : snapshot.Job.CreatedAt;
        if (snapshot.Progress.LastChangeAt is { } last && last > changed) changed = last;
        var still = (time.GetUtcNow() - changed) / StillnessPerPause;
        var pause = cost < LongestPause ? cost : LongestPause;
        return still < pause ? pause : still < PauseWhenNothingMoves ? still : PauseWhenNothingMoves;
    }

    /// <summary>
    /// The part of a pass that a request has just asked for: dispatch the job's messages, or remove the job. The marker stays, and the
    /// next pass does the rest: of a removal, it removes what a worker stored meanwhile.
    /// </summary>
    /// <returns>Whether the job was deleted, and all of it is removed.</returns>
    public async Task<bool> ReconcileRequestAsync(string jobId, CancellationToken pause, CancellationToken cancellationToken)
    {
        var record = await jobs.ReadAsync(jobId, cancellationToken);
        var control = await log.ReadAsync(jobId, cancellationToken);
        if (control.Deleted) return await removal.RunAsync(jobId, record.Value, pause, cancellationToken);
        if (record.Value is { } job) await progression.DispatchAsync(job, control, pause, cancellationToken);
        return false;
    }

    private async Task<DateTimeOffset?> WithoutRecordAsync(string jobId, DateTimeOffset markedAt, CancellationToken cancellationToken)
    {
        var age = time.GetUtcNow() - markedAt;
        if (age <= Orphaned) return After(age < PauseWhenNothingMoves ? ShortPause : PauseWhenNothingMoves);
        await pending.ClearAsync(jobId, cancellationToken);
        return null;
    }

    private async Task<DateTimeOffset?> FinishAsync(JobSnapshot snapshot, CancellationToken cancellationToken)
    {
        await pending.ClearAsync(snapshot.Job.Id, cancellationToken);
        // A retry sets the marker after its event: if both came since the reading, the marker that was cleared is the retry's.
        var now = await snapshots.ReadAloneAsync(snapshot.Job, cancellationToken);
        if (DatasetIdentity.Of(now.Progress) == DatasetIdentity.Of(snapshot.Progress)) return null;
        await pending.MarkAsync(snapshot.Job.Id, cancellationToken);
        return After(TimeSpan.Zero);
    }

    private DateTimeOffset After(TimeSpan wait) => time.GetUtcNow() + wait;
}
