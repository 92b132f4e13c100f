using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>Adds events to jobs' logs where they make sense. The reconciler does the work that follows; workers poll the log.</summary>
internal sealed class JobOperations(
    JobLookup lookup, JobEventLog log, ProgressReader progress, JobSnapshotReader snapshots, Quotas quotas, PendingJobs pending,
    ReconcileScheduler reconcile, JobViewer viewer, ManifestReader manifests, CauseRanges causes, DiskReserve? reserve = null)
{
    public async Task<Results<Ok<JobView>, ProblemHttpResult>> CancelAsync(
        string id, Caller caller, CancelRequest cancel, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.State is JobState.Succeeded or JobState.Failed or JobState.Unreadable) return Conflict(
            job, read, "there is nothing left to cancel");
        if (!read.Ended) await log.AppendAsync(id, control => control.Deleted ? null
            : Event(JobEventType.Cancelled, caller) with { Reason = cancel.Reason }, cancellationToken);
        return await ViewAsync(job, read, cancellationToken);
    }

    public async Task<Results<Ok<JobView>, ProblemHttpResult>> PauseAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.Ended) return Conflict(job, read, "there is nothing left to pause");
        await log.AppendAsync(id, control => control.Paused || control.Deleted ? null : Event(JobEventType.Paused, caller),
            cancellationToken);
        return await ViewAsync(job, read, cancellationToken);
    }

    public async Task<Results<Ok<JobView>, ProblemHttpResult>> ResumeAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.State == JobState.Unreadable) return Conflict(job, read, OnlyDelete);
        if (read.Ended) return Conflict(job, read, $"it cannot be resumed; POST /v1/jobs/{id}/retry makes what is missing");
        var (_, added) = await log.AppendAsync(id, control => control.Paused ? Event(JobEventType.Resumed, caller) : null,
            cancellationToken);
        if (added is not null) await reconcile.ReconcileNowAsync(id);
        return await ViewAsync(job, read, cancellationToken);
    }

    public async Task<Results<Accepted<JobView>, ProblemHttpResult>> RetryAsync(
        string id, Caller caller, RetryRequest retry, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        var scope = retry.Generator is null ? read!.State
            : read!.Generators.FirstOrDefault(generator => generator.Name == retry.Generator)?.State;
        if (scope is not { } state) return JobLookup.NotOfJob(id, retry.Generator!);
        if (state == JobState.Unreadable) return Conflict(job, read!, OnlyDelete);
        RangeSet? ranges = null;
        if (retry.Cause is not null)
        {
            (var generator, ranges, problem) = await causes.FindAsync(job, read!, retry, cancellationToken);
            if (generator is null) return problem!;
            if (read!.Control.For(generator).Halt is not null)
                return Conflict(job, read, $"the work on {generator} was ended; a retry of it draws all that is missing");
            if (ranges.IsEmpty) return Conflict(job, read, "nothing of this cause has failed for good; it is tried again by itself");
            retry = retry with { Generator = generator };
        }
        else if (state == JobState.Succeeded)
        {
            // By its names nothing is missing; a manifest that cannot be read loses its name when it is met.
            if (await manifests.VerifyAsync(job, retry.Generator, cancellationToken)) return Conflict(job, read, "no sample is missing");
            read = await progress.ReadAsync(job, cancellationToken);
        }

        // What has ended takes no place in its owner's quota any more, and is to take one again.
        if (await quotas.TryOpenAsync(caller, job, cancellationToken) is { } full) return full;
        // Before the event, as a crash may follow it, and after it, as the reconciler may have just finished with the job.
        await pending.MarkAsync(id, cancellationToken);
        var (control, added) = await log.AppendAsync(id, control => (control.Paused && !read!.Ended) || control.Deleted
            || (ranges is not null && control.For(retry.Generator!).Halt is not null) ? null
            : Event(JobEventType.Retried, caller) with
            {
                Generator = retry.Generator,
                TimeoutSeconds = retry.TimeoutSeconds,
                Ranges = ranges is null ? null : [.. ranges],
            },
            cancellationToken);
        await pending.MarkAsync(id, cancellationToken);
        if (added is null) return Conflict(job, read!, control.Deleted ? "it is deleted"
            : control.Paused ? $"POST /v1/jobs/{id}/resume resumes it" : "its work was ended in the same moment; look at it again");
        // The messages of a large job take longer than an answer may wait, and their sending would slow down the answer.
        var isLarge = ProgressReader.IsLarge(job);
        if (!isLarge) await reconcile.ReconcileNowAsync(id);
        var view = await viewer.ViewAfterWriteAsync(job, read!, cancellationToken);
        if (isLarge) await reconcile.ReconcileNowAsync(id, isLarge);
        return TypedResults.Accepted(view.Links.Self, view);
    }

    /// <returns>Whether all of it is gone already, or the problem.</returns>
    public async Task<(bool Removed, ProblemHttpResult? Problem)> DeleteAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        // The removal may have been cut short, or a worker may have stored something after it.
        if (JobId.IsValid(id) && (await log.ReadAsync(id, cancellationToken)).Deleted) return (await reconcile.ReconcileNowAsync(id), null);

        var (record, refusal) = await lookup.ReadAsync(id, cancellationToken);
        if (record is null) return (false, refusal);
        if (record.Value is not { } job)
        {
            await AppendDeletedAsync(id, caller, static _ => true, cancellationToken);
            return (await reconcile.ReconcileNowAsync(id), null);
        }

        var read = await progress.ReadAsync(job, cancellationToken);
        var seen = read.Control.LastNumber;
        if (!read.Ended) return (false, Conflict(job, read,
            $"only jobs that have ended can be deleted; POST /v1/jobs/{id}/cancel cancels it"));
        var control = await AppendDeletedAsync(id, caller, control => control.LastNumber == seen, cancellationToken);
        if (!control.Deleted) return (false, Conflict(job, read, "somebody else did something to it in the same moment; look at it again"));
        return (await reconcile.ReconcileNowAsync(id), null);
    }

    private async Task<JobControlState> AppendDeletedAsync(
        string id, Caller caller, Func<JobControlState, bool> still, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var (control, _) = await log.AppendAsync(id, control => still(control) && !control.Deleted
                    ? Event(JobEventType.Deleted, caller) : null, cancellationToken);
                if (control.Deleted) await pending.MarkAsync(id, cancellationToken);
                return control;
            }
            catch (IOException exception) when (DiskFull.Is(exception) && reserve?.Release() == true)
            {
                // A deletion is what makes room on a full disk, and has to write before it can.
            }
        }
    }

    private const string OnlyDelete = "it can only be deleted";

    private JobEvent Event(JobEventType verb, Caller caller) => log.Event(verb) with { By = caller.Id };

    private async Task<(Job? Job, JobProgress? Read, ProblemHttpResult? Problem)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        return job is null ? (null, null, problem) : (job, await snapshots.ReadForWriteAsync(job, cancellationToken), null);
    }

    private async Task<Results<Ok<JobView>, ProblemHttpResult>> ViewAsync(
        Job job, JobProgress read, CancellationToken cancellationToken) =>
        TypedResults.Ok(await viewer.ViewAfterWriteAsync(job, read, cancellationToken));

    private static ProblemHttpResult Conflict(Job job, JobProgress read, string reason) =>
        Problem.Of(StatusCodes.Status409Conflict, $"The job '{job.Id}' is {read.State.ToString().ToLowerInvariant()}: {reason}.");
}
