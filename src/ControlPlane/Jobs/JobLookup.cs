using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Problems;
using VmDataset.Pipeline.Control;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>Finds the job that a request's path names. Each look completes a sending, or a removal, that died.</summary>
internal sealed class JobLookup(JobStore jobs, ControlLog log, Submissions submissions)
{
    /// <returns>The job, or null and the problem.</returns>
    public async Task<(Job? Job, ProblemHttpResult? Problem)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!JobId.IsValid(id)) return (null, Malformed(id));
        if (await jobs.FindAsync(id, cancellationToken) is not { } job)
            return (null, Problem.NotFound($"There is no job '{id}'; GET /v1/jobs lists them."));
        if ((await log.ReadAsync(id, cancellationToken)).Deleted)
            return (null, Problem.NotFound($"The job '{id}' was deleted; GET /v1/jobs lists those that are there."));
        await submissions.ResumeAsync([job]);
        return (job, null);
    }

    public static ProblemHttpResult Malformed(string id) =>
        Problem.Invalid(new FieldError("id", $"id is '{id}'; allowed: {JobId.Rule}."));

    public static ProblemHttpResult NotOfJob(string id, string generator) =>
        Problem.Invalid(new FieldError("generator", $"generator is '{generator}'; allowed: one of this job's generators, which GET /v1/jobs/{id} lists."));
}
