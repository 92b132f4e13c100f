using Microsoft.OpenApi;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Submits, lists and shows jobs.</summary>
internal static class JobEndpoints
{
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddJobReading();
        builder.Services.DescribeSchema<JobRequest>(GeneratorChoiceSchema.OfRequest);
        builder.Services.DescribeSchema<JobSpecView>(GeneratorChoiceSchema.OfSpec);
        builder.Services.DescribeSchema<JobRequest>(VideoSchema.OfRequest);
        builder.Services.DescribeSchema<VideoSpec>(VideoSchema.OfSpec);
        builder.Services.DescribeSchema<JobRequest>(AboutReader.Describe);
        builder.Services.DescribeSchema<DatasetAbout>(static about => about.AdditionalPropertiesAllowed = false);
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
        builder.Services.AddSingleton<SeedOverlaps>().AddSingleton<SameSamples>();
        builder.Services.AddSingleton<IdempotentSubmissions>();
        builder.Services.AddSingleton<JobSubmission>();
        builder.Services.AddSingleton<JobLookup>();
        builder.Services.AddSingleton<JobReader>();
        builder.Services.AddSingleton<JobViewer>();
    }

    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("jobs").WithTags("Jobs");

        jobs.MapPost("", CreateAsync).RequireRole(Role.Submit).WithName("create_job").WithSummary("Submit a job")
            .WithDescription("Splits the job into batches and puts them on the queue. The answer is the job; the header Location has its path, which shows its progress. All errors of the request are reported together. With the header Idempotency-Key a repeated submission returns the job of the first.")
            .WithRequestHeader(IdempotentSubmissions.Header,
                "A key of the client's own, such as a UUID: a repeated submission with the same key returns the job of the first.",
                new OpenApiSchema { MinLength = 1, MaxLength = 255 })
            .AcceptsJson<JobRequest>(JobRequest.Example).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

        jobs.MapGet("", ListAsync).WithName("list_jobs").WithSummary("List jobs")
            .WithDescription("All jobs, or those that fit every filter, the newest first, each with its progress. A request looks at 1,000 jobs at most: where few fit, a page may have fewer items than limit, or none, and a next_cursor.");

        jobs.MapGet("{id}", GetAsync).FindJob().WithName("get_job").WithSummary("Get a job")
            .WithDescription("The job's request and its progress, in total and per generator.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, Caller caller, JobSubmission submission, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var key = IdempotentSubmissions.Key(request, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (body, problem) = await JsonBody.ReadAsync(request, JobRequest.Example, optional: false, cancellationToken);
        return body is { } fields ? await submission.SubmitAsync(fields, key, caller, cancellationToken) : problem!;
    }

    private static async Task<Ok<Page<JobView>>> ListAsync(
        [AsParameters] JobQuery query, JobReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(await reader.ListAsync(query.Size, query.Cursor, query.Filter, cancellationToken));

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(
        [AsParameters] JobRecordRoute route, JobReader reader, CancellationToken cancellationToken)
    {
        var (view, problem) = await reader.ReadAsync(route.Record, route.Id, cancellationToken);
        return view is null ? problem! : TypedResults.Ok(view);
    }
}
