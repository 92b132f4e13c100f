using Microsoft.OpenApi;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Planning;
using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Submits, lists and shows jobs.</summary>
internal static partial class JobEndpoints
{
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddJobReading();
        builder.Services.DescribeSchema<JobRequest>(GeneratorChoiceSchema.OfRequest);
        builder.Services.DescribeSchema<JobSpecView>(GeneratorChoiceSchema.OfSpec);
        builder.Services.DescribeSchema<JobRequest>(VideoSchema.OfRequest);
        builder.Services.DescribeSchema<VideoSpec>(VideoSchema.OfSpec);
        builder.Services.DescribeSchema<BudgetScope>(static scope => scope.Description = "The scope of a failure budget.");
        builder.Services.AddSingleton<JobSubmitter>();
        builder.Services.AddSingleton<DrawnVersions>();
        builder.Services.AddSingleton<KnownSamples>();
        builder.Services.AddSingleton<DuplicateChecker>();
        builder.Services.AddSingleton<DuplicateCheckDispatcher>();
        builder.Services.AddSingleton<JobRemover>();
        builder.Services.AddSingleton<FailureStore>();
        builder.Services.AddSingleton<FailureBudget>();
        builder.Services.AddSingleton<DeadLetterRecorder>();
        builder.Services.AddSingleton<GeneratorListReader>();
        builder.Services.AddSingleton<JobRequestReader>();
        builder.Services.AddSingleton<UniqueAgainstReader>();
        builder.Services.AddSingleton<SeedOverlaps>();
        builder.Services.AddSingleton<IdempotentSubmissions>();
        builder.Services.AddSingleton<JobLookup>();
        builder.Services.AddSingleton<JobViewer>();
        builder.Services.AddSingleton<FailureReader>();
    }

    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("jobs").WithTags("Jobs");

        jobs.MapPost("", CreateAsync).RequireRole(Role.Submit).WithName("create_job").WithSummary("Submit a job")
            .WithDescription("Splits the job into batches and puts them on the queue. The answer is the job; the header Location has its path, which shows its progress. All errors of the request are reported together. With the header Idempotency-Key a repeated submission returns the job of the first.")
            .WithRequestHeader(IdempotentSubmissions.Header,
                "A key of the client's own, such as a UUID: a repeated submission with the same key returns the job of the first.",
                new OpenApiSchema { MinLength = 1, MaxLength = 255 })
            .Accepts<JobRequest>("application/json").ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

        jobs.MapGet("", ListAsync).WithName("list_jobs").WithSummary("List jobs")
            .WithDescription("All jobs, the newest first, each with its progress.");

        jobs.MapGet("{id}", GetAsync).FindJob().WithName("get_job").WithSummary("Get a job")
            .WithDescription("The job's request and its progress, in total and per generator.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, Caller caller, Quotas quotas, JobRequestReader reader, SeedOverlaps overlaps, PlanService plans,
            IdempotentSubmissions idempotent, JobStore jobs, JobEventLog log, ReconcileScheduler reconcile, JobViewer viewer,
        CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var key = IdempotentSubmissions.Key(request, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (body, problem) = await JsonBody.ReadAsync(request, JobRequest.Example, optional: false, cancellationToken);
        if (body is not { } fields) return problem!;
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
            var warnings = await overlaps.WarnAsync(job, cancellationToken);
            job = job with { Owner = caller.Id, IdempotencyId = id, Plan = plan, Warnings = warnings };
            if (await quotas.TryOpenAsync(caller, job, cancellationToken) is { } full) return full;
            submission = id is null ? new IdempotencyRecord(fields, job) : await idempotent.ClaimAsync(id, fields, job, cancellationToken);
            // Somebody else was first with the same key: one job, one place.
            if (submission?.Job.Id != job.Id) await quotas.CloseAsync(caller, job, cancellationToken);
            if (submission is null) return UnreadableKey();
        }

        if (!submission.IsFor(fields))
            return Problem.Of(StatusCodes.Status422UnprocessableEntity,
                $"The Idempotency-Key was used for another request, which made the job '{submission.Job.Id}'; allowed: the same body, or another key.");
        return await AcceptAsync(submission.Job, jobs, reconcile, viewer, cancellationToken);
    }

    // Which job it made is not known, and a second one must not be made in silence.
    private static ProblemHttpResult UnreadableKey() => Problem.Of(StatusCodes.Status409Conflict,
        "What this Idempotency-Key stands for cannot be read, so nothing was made; GET /v1/jobs shows whether its job is there. Allowed: another key.");

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> AcceptAsync(
        Job job, JobStore jobs, ReconcileScheduler reconcile, JobViewer viewer, CancellationToken cancellationToken)
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

    private static async Task<Ok<Page<JobView>>> ListAsync(
        [AsParameters] JobQuery query, JobStore jobs, JobEventLog log, JobSnapshotReader snapshots, CancellationToken cancellationToken)
    {
        var (page, next) = await jobs.ListAsync(query.Size, query.Cursor, cancellationToken);
        // Each is four LISTs, which on S3 wait for the network alone.
        var views = await Task.WhenAll(page.Select(job => ViewAsync(job, log, snapshots, cancellationToken)));
        return TypedResults.Ok(new Page<JobView> { Items = [.. views.OfType<JobView>()], NextCursor = next });
    }

    /// <returns>Null for a job that is deleted and not removed yet.</returns>
    private static async Task<JobView?> ViewAsync(ListedJob job, JobEventLog log, JobSnapshotReader snapshots,
        CancellationToken cancellationToken)
    {
        if (job.Record.Value is not { } read)
            return (await log.ReadAsync(job.Id, cancellationToken)).Deleted ? null : JobViewer.Unreadable(job.Id, job.Record);
        var snapshot = await snapshots.ReadAsync(read, cancellationToken);
        return snapshot.Progress.Control.Deleted ? null : JobViewer.View(snapshot, withGenerators: false);
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(
        [AsParameters] JobRecordRoute route, JobEventLog log, JobSnapshotReader snapshots, JobViewer viewer, ReconcileScheduler reconcile,
            CancellationToken cancellationToken)
    {
        var id = route.Id;
        if (route.Record.Value is not { } job)
            return (await log.ReadAsync(id, cancellationToken)).Deleted ? JobLookup.Deleted(id)
                : TypedResults.Ok(JobViewer.Unreadable(id, route.Record));
        var snapshot = await snapshots.ReadAsync(job, cancellationToken);
        if (snapshot.Progress.Control.Deleted) return JobLookup.Deleted(id);
        var view = await viewer.ViewAsync(snapshot, cancellationToken);
        if (snapshot.Progress.Settled && view.Dataset?.State == DatasetState.Pending) reconcile.Nudge(id);
        return TypedResults.Ok(view);
    }

    private sealed partial class JobQuery : PageQuery
    {
        protected override bool IsCursor(string text) => Form().IsMatch(text);

        [GeneratedRegex(@"^[0-9]{15}-[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
        private static partial Regex Form();
    }
}
