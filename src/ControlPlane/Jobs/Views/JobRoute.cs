namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>The job's id in a route, for endpoints that do not need the job's record.</summary>
internal class JobIdRoute
{
    [FromRoute(Name = "id"), Description("The job's id."), RegularExpression(JobId.Pattern), Example("20261123-130501-9f3c2a7b")]
    public string Id { get; init; } = "";
}

/// <summary>The job that a route names. <see cref="JobRoutes.FindJob"/> reads it before the endpoint runs.</summary>
internal sealed class JobRoute : JobIdRoute, IJobRoute
{
    private Job? _job;

    public Job Job => _job!;

    public async Task<ProblemHttpResult?> FindAsync(JobLookup lookup, CancellationToken cancellationToken)
    {
        (_job, var problem) = await lookup.FindAsync(Id, cancellationToken);
        return _job is null ? problem : null;
    }
}

/// <summary>The stored record of the job that a route names. It may be unreadable, and a deleted job has one until it is removed.</summary>
internal sealed class JobRecordRoute : JobIdRoute, IJobRoute
{
    private StoredRecord<Job>? _record;

    public StoredRecord<Job> Record => _record!;

    public async Task<ProblemHttpResult?> FindAsync(JobLookup lookup, CancellationToken cancellationToken)
    {
        (_record, var problem) = await lookup.RecordAsync(Id, cancellationToken);
        return _record is null ? problem : null;
    }
}

/// <summary>Reads from the store what a route names.</summary>
internal interface IJobRoute
{
    /// <returns>Why the endpoint cannot run; null if it can.</returns>
    Task<ProblemHttpResult?> FindAsync(JobLookup lookup, CancellationToken cancellationToken);
}
