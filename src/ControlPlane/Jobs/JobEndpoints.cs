using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Access;
using VmDataset.ControlPlane.Engines;
using VmDataset.ControlPlane.Paging;
using VmDataset.ControlPlane.Problems;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Progress;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>Jobs: submit, list, watch.</summary>
internal static partial class JobEndpoints
{
    public static void AddJobs(this WebApplicationBuilder builder, EngineOptions engine)
    {
        builder.Services.AddSingleton<JobStore>();
        builder.Services.AddSingleton<JobSubmitter>();
        builder.Services.AddSingleton<ProgressReader>();
        builder.Services.AddSingleton<FailureStore>();
        builder.Services.AddSingleton<DeadLetterSweep>();
        builder.Services.AddSingleton<GeneratorListReader>();
        builder.Services.AddSingleton<JobRequestReader>();
        builder.Services.AddSingleton<Submissions>();
        builder.Services.AddSingleton<JobLookup>();
        builder.Services.AddSingleton<JobViewer>();
        builder.Services.AddSingleton<FailureReader>();
        if (!engine.OnLambda) builder.Services.AddHostedService<SubmissionResumer>();
    }

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/v1/jobs").WithTags("Jobs").RefuseUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        jobs.MapPost("", CreateAsync).Needs(Role.Submit).WithName("create_job").WithSummary("Submit a job")
            .WithDescription("Splits the job into batches and puts them on the queue. The answer is the job, and its place is in the header Location: ask there how far it is. Everything wrong with the request is reported at once.")
            .Accepts<JobRequest>("application/json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        jobs.MapGet("", ListAsync).Needs(Role.Read).WithName("list_jobs").WithSummary("List jobs")
            .WithDescription("All jobs, the newest first, each with its progress.");

        jobs.MapGet("{id}", GetAsync).Needs(Role.Read).WithName("get_job").WithSummary("Look at a job")
            .WithDescription("What was asked for and how far it is, in all and per generator.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, Caller caller, Quotas quotas, JobRequestReader reader, JobStore jobs, Submissions submissions, JobViewer viewer, CancellationToken cancellationToken)
    {
        var (body, problem) = await JobBody.ReadAsync(request, cancellationToken);
        if (body is not { } fields) return problem!;
        var (job, errors) = await reader.ReadAsync(fields, cancellationToken);
        if (job is null) return Problem.Invalid(errors);
        job = job with { Owner = caller.Id };
        if (await quotas.TryOpenAsync(caller, job, cancellationToken) is { } full) return full;
        await jobs.CreateAsync(job, cancellationToken);
        await submissions.SubmitAsync(job);
        var view = await viewer.ViewAsync(job, withGenerators: true, cancellationToken);
        return TypedResults.Accepted(view.Links.Self, view);
    }

    private static async Task<Results<Ok<Page<JobView>>, ProblemHttpResult>> ListAsync(
        string? limit, string? cursor, JobStore jobs, Submissions submissions, JobViewer viewer, CancellationToken cancellationToken)
    {
        List<FieldError> errors = [];
        var size = PageLimits.Read(limit, errors);
        if (cursor is not null && !Cursor().IsMatch(cursor)) errors.Add(PageLimits.WrongCursor(cursor));
        if (errors.Count > 0) return Problem.Invalid(errors);

        var (page, next) = await jobs.ListAsync(size, cursor, cancellationToken);
        await submissions.ResumeAsync(page);
        // Each is some LISTs, which on S3 take their time and not ours.
        var views = await Task.WhenAll(page.Select(job => viewer.ViewAsync(job, withGenerators: false, cancellationToken)));
        return TypedResults.Ok(new Page<JobView> { Items = views, NextCursor = next });
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(
        string id, JobLookup lookup, JobViewer viewer, CancellationToken cancellationToken)
    {
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        return TypedResults.Ok(await viewer.ViewAsync(job, withGenerators: true, cancellationToken));
    }

    [GeneratedRegex(@"^[0-9]{15}-[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Cursor();
}
