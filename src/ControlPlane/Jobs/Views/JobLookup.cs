namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>Finds the job that a request's path names.</summary>
internal sealed class JobLookup(JobStore jobs, JobEventLog log)
{
    /// <returns>The job, or null and the problem.</returns>
    public async Task<(Job? Job, ProblemHttpResult? Problem)> FindAsync(string id, CancellationToken cancellationToken)
    {
        var (record, problem) = await ReadAsync(id, cancellationToken);
        if (record is null) return (null, problem);
        return record.Value is { } job ? (job, null)
            : (null, Problem.Of(StatusCodes.Status409Conflict,
                $"The job '{id}' cannot be read: {Reason(record)} Allowed: GET /v1/jobs/{id} and DELETE /v1/jobs/{id}."));
    }

    /// <summary>As <see cref="FindAsync"/>, where the record of a job may be unreadable.</summary>
    /// <returns>The record, which is not absent, or null and the problem.</returns>
    public async Task<(StoredRecord<Job>? Record, ProblemHttpResult? Problem)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (record, problem) = await RecordAsync(id, cancellationToken);
        if (record is null) return (null, problem);
        return (await log.ReadAsync(id, cancellationToken)).Deleted ? (null, Deleted(id)) : (record, null);
    }

    /// <summary>As <see cref="ReadAsync"/>, for callers that read the event log themselves: a deleted job is found too, while its record
    /// is there.</summary>
    public async Task<(StoredRecord<Job>? Record, ProblemHttpResult? Problem)> RecordAsync(string id, CancellationToken cancellationToken)
    {
        if (!JobId.IsValid(id)) return (null, Malformed(id));
        var record = await jobs.ReadAsync(id, cancellationToken);
        return record.IsAbsent ? (null, Problem.NotFound($"There is no job '{id}'; GET /v1/jobs lists them.")) : (record, null);
    }

    public static ProblemHttpResult Deleted(string id) =>
        Problem.NotFound($"The job '{id}' was deleted; GET /v1/jobs lists those that are there.");

    /// <summary>Which record of a job cannot be read, and why.</summary>
    public static string Reason(StoredRecord<Job> record) => $"The record '{record.Key}' cannot be read: {record.Unreadable}";

    public static ProblemHttpResult Malformed(string id) =>
        Problem.Invalid(new ValidationError("id", $"id is '{id}'; allowed: {JobId.Rule}."));

    public static ProblemHttpResult NotOfJob(string id, string generator) =>
        Problem.Invalid(new ValidationError("generator",
            $"generator is '{generator}'; allowed: one of this job's generators, which GET /v1/jobs/{id} lists."));
}
