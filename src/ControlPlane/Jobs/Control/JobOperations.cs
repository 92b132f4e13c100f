using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>
/// Adds events to jobs' logs, each only where it makes sense, and does at once what follows from them. Workers see the log for
/// themselves.
/// </summary>
internal sealed class JobOperations(
    JobLookup lookup, JobStore jobs, JobEventLog log, ProgressReader progress, Quotas quotas, Submissions submissions,
    DeliveryStore deliveries, DatasetStore datasets, JobViewer viewer, ManifestReader manifests, DiskReserve? reserve = null)
{
    public async Task<Results<Ok<JobView>, ProblemHttpResult>> CancelAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.State is JobState.Succeeded or JobState.Failed or JobState.Unreadable) return Conflict(job, read, "there is nothing left to cancel");
        if (!read.Ended) await log.AppendAsync(id, control => control.Deleted ? null : Event(JobEventType.Cancelled, caller), cancellationToken);
        return await ViewAsync(job, cancellationToken);
    }

    public async Task<Results<Ok<JobView>, ProblemHttpResult>> PauseAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.Ended) return Conflict(job, read, "there is nothing left to pause");
        await log.AppendAsync(id, control => control.Paused || control.Deleted ? null : Event(JobEventType.Paused, caller), cancellationToken);
        return await ViewAsync(job, cancellationToken);
    }

    public async Task<Results<Ok<JobView>, ProblemHttpResult>> ResumeAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (read!.State == JobState.Unreadable) return Conflict(job, read, OnlyDelete);
        if (read.Ended) return Conflict(job, read, $"it cannot be resumed; POST /v1/jobs/{id}/retry makes what is missing");
        var (_, added) = await log.AppendAsync(id, control => control.Paused ? Event(JobEventType.Resumed, caller) : null, cancellationToken);
        if (added is not null) await submissions.SubmitAsync(job);
        return await ViewAsync(job, cancellationToken);
    }

    public async Task<Results<Accepted<JobView>, ProblemHttpResult>> RetryAsync(string id, Caller caller, RetryRequest retry, CancellationToken cancellationToken)
    {
        var (job, read, problem) = await ReadAsync(id, cancellationToken);
        if (job is null) return problem!;
        var scope = retry.Generator is null ? read!.State : read!.Generators.FirstOrDefault(generator => generator.Name == retry.Generator)?.State;
        if (scope is not { } state)
            return JobLookup.NotOfJob(id, retry.Generator!);
        if (state == JobState.Unreadable) return Conflict(job, read!, OnlyDelete);
        if (state == JobState.Succeeded)
        {
            // By its names nothing is missing; a manifest that cannot be read loses its name when it is met.
            if (await manifests.VerifyAsync(job, retry.Generator, cancellationToken)) return Conflict(job, read, "no sample is missing");
            read = await progress.ReadAsync(job, cancellationToken);
        }

        // What has ended takes no place in its owner's quota any more, and is to take one again.
        if (await quotas.TryOpenAsync(caller, job, cancellationToken) is { } full) return full;
        var (control, added) = await log.AppendAsync(id, control => (control.Paused && !read.Ended) || control.Deleted ? null : Event(JobEventType.Retried, caller) with
        {
            Generator = retry.Generator,
            TimeoutSeconds = retry.TimeoutSeconds,
        }, cancellationToken);
        await datasets.PendAsync(id, cancellationToken);
        if (job.WebhookUrl is not null) await deliveries.PendAsync(id, cancellationToken);
        if (added is null) return Conflict(job, read, control.Paused ? $"POST /v1/jobs/{id}/resume resumes it" : "it is deleted");
        await submissions.RetryAsync(job, added);
        var view = await viewer.ViewAsync(job, withGenerators: true, cancellationToken);
        return TypedResults.Accepted(view.Links.Self, view);
    }

    /// <returns>Whether all of it is gone already, or the problem.</returns>
    public async Task<(bool Removed, ProblemHttpResult? Problem)> DeleteAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        // A removal that was cut short is gone on with; after one that was not, a worker may have stored something late.
        if (JobId.IsValid(id) && (await log.ReadAsync(id, cancellationToken)).Deleted)
            return (await submissions.RemoveAsync(id, await jobs.FindAsync(id, cancellationToken)), null);

        var (record, refusal) = await lookup.ReadAsync(id, cancellationToken);
        if (record is null) return (false, refusal);
        if (record.Value is not { } job)
        {
            await AppendDeletedAsync(id, caller, static _ => true, cancellationToken);
            return (await submissions.RemoveAsync(id, null), null);
        }

        var read = await progress.ReadAsync(job, cancellationToken);
        var seen = read.Control.LastNumber;
        if (!read.Ended) return (false, Conflict(job, read, $"only jobs that have ended can be deleted; POST /v1/jobs/{id}/cancel cancels it"));
        var control = await AppendDeletedAsync(id, caller, control => control.LastNumber == seen, cancellationToken);
        if (!control.Deleted) return (false, Conflict(job, read, "somebody else did something to it in the same moment; look at it again"));
        return (await submissions.RemoveAsync(id, job), null);
    }

    private async Task<JobControlState> AppendDeletedAsync(string id, Caller caller, Func<JobControlState, bool> still, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return (await log.AppendAsync(id, control => still(control) && !control.Deleted ? Event(JobEventType.Deleted, caller) : null, cancellationToken)).Control;
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
        return job is null ? (null, null, problem) : (job, await progress.ReadAsync(job, cancellationToken), null);
    }

    private async Task<Results<Ok<JobView>, ProblemHttpResult>> ViewAsync(Job job, CancellationToken cancellationToken) =>
        TypedResults.Ok(await viewer.ViewAsync(job, withGenerators: true, cancellationToken));

    private static ProblemHttpResult Conflict(Job job, JobProgress read, string reason) =>
        Problem.Of(StatusCodes.Status409Conflict, $"The job '{job.Id}' is {read.State.ToString().ToLowerInvariant()}: {reason}.");
}
