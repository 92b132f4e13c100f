using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Planning;
using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Makes a job of a request's fields: validated, planned, within its limits and its caller's quota, and dispatched.</summary>
internal sealed class JobSubmission(
    Quotas quotas, JobRequestReader reader, SeedOverlaps overlaps, SameSamples same, PlanService plans, IdempotentSubmissions idempotent,
    JobStore jobs, JobEventLog log, ReconcileScheduler reconcile, JobViewer viewer)
{
    /// <param name="fields">A JSON object.</param>
    /// <param name="key">The client's idempotency key; null for none.</param>
    /// <param name="caller">The job's owner.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Results<Accepted<JobView>, ProblemHttpResult>> SubmitAsync(
        JsonElement fields, string? key, Caller caller, CancellationToken cancellationToken)
    {
        var id = key is null ? null : IdempotentSubmissions.Id(caller.Id, key);
        var found = id is null ? null : await idempotent.FindAsync(id, cancellationToken);
        if (found?.Unreadable is not null) return UnreadableKey();
        var submission = found?.Value;
        // The key of a job that was deleted while its record could not be read was not freed with it.
        if (submission is not null && (await jobs.ReadAsync(submission.Job.Id, cancellationToken)).IsAbsent
            && (await log.ReadAsync(submission.Job.Id, cancellationToken)).Deleted)
        {
            await idempotent.ForgetAsync(id!, cancellationToken);
            submission = null;
        }

        if (submission is null)
        {
            var (job, mistakes) = await reader.ReadAsync(fields, cancellationToken);
            if (job is null) return Problem.Invalid(mistakes);
            var plan = await plans.PlanAsync(job, cancellationToken);
            if (LimitGuard.Refuse(job, plan).ToList() is { Count: > 0 } exceeded) return Problem.Invalid(exceeded);
            List<string> warnings = [.. await same.WarnAsync(job, cancellationToken), .. await overlaps.WarnAsync(job, cancellationToken)];
            job = job with { Owner = caller.Id, IdempotencyId = id, Plan = plan, Warnings = warnings.Count == 0 ? null : warnings };
            if (await quotas.TryOpenAsync(caller, job, cancellationToken) is { } full) return full;
            submission = id is null ? new IdempotencyRecord(fields, job) : await idempotent.ClaimAsync(id, fields, job, cancellationToken);
            // Somebody else was first with the same key: one job, one place.
            if (submission?.Job.Id != job.Id) await quotas.CloseAsync(caller, job, cancellationToken);
            if (submission is null) return UnreadableKey();
        }

        if (!submission.IsFor(fields))
            return Problem.Of(StatusCodes.Status422UnprocessableEntity,
                $"The Idempotency-Key was used for another request, which made the job '{submission.Job.Id}'; allowed: the same body, or another key.");
        return await AcceptAsync(submission.Job, cancellationToken);
    }

    // Which job it made is not known, and a second one must not be made in silence.
    private static ProblemHttpResult UnreadableKey() => Problem.Of(StatusCodes.Status409Conflict,
        "What this Idempotency-Key stands for cannot be read, so nothing was made; GET /v1/jobs shows whether its job is there. Allowed: another key.");

    private async Task<Results<Accepted<JobView>, ProblemHttpResult>> AcceptAsync(Job job, CancellationToken cancellationToken)
    {
        // A repeated submission finds its job, perhaps while another instance dispatches it, unless the first one died before it made it.
        if (job.IdempotencyId is null || await jobs.FindAsync(job.Id, cancellationToken) is null)
        {
            await jobs.CreateAsync(job, cancellationToken);
            await reconcile.ReconcileNowAsync(job.Id);
        }

        var view = await viewer.ViewFreshAsync(job, cancellationToken);
        return TypedResults.Accepted(view.Links.Self, view);
    }
}
