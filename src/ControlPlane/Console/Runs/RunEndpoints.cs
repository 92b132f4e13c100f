using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Jobs.Batches;
using VmDataset.ControlPlane.Jobs.Failures;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>The pages about a job.</summary>
internal static class RunEndpoints
{
    private const int BatchesOnPage = 50;

    public static void MapRuns(this IEndpointRouteBuilder pages)
    {
        var job = pages.MapGroup("/jobs/{id}").RequireRole(Role.Read);
        job.MapGet("", GetAsync);
        job.MapGet("/failures", FailuresAsync);
        job.MapGet("/batches", BatchesAsync);
        job.MapGet("/timeline", TimelineAsync);
        job.MapGet("/request", RequestAsync);
        job.MapRunActions();
    }

    private static async Task<IResult> GetAsync(string id, HttpRequest request, RunReader reader, CancellationToken cancellationToken)
    {
        var (view, problem) = await reader.ReadAsync(id, cancellationToken);
        if (view is null) return problem!;
        var query = GeneratorTableQuery.Read(request.Query);
        var isPart = ProblemPages.IsPart(request);
        var model = new RunModel
        {
            Job = view,
            Message = isPart ? null : RunMessages.Of(request.Query["done"]),
            Generators = GeneratorTable.Of(view, query),
            IsPart = isPart,
            HasTar = reader.HasTar,
            Address = query.Address($"/jobs/{id}"),
        };
        return isPart ? PageResult.Of<RunPart>(model) : PageResult.Of<RunPage>(model);
    }

    private static async Task<IResult> FailuresAsync(string id, string? generator, string? cursor, RunReader reader,
        FailureCauseReader causes, CancellationToken cancellationToken)
    {
        var query = new FailureCauseQuery { Generator = NotEmpty(generator), Cursor = NotEmpty(cursor) };
        List<ValidationError> errors = [];
        query.Read(errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        if (query.ProblemIn(job) is { } other) return other;
        var page = await causes.ReadAsync(snapshot, query.Generator, query.Cursor, FailureModel.MaxCauses, cancellationToken);
        var halted = page.Items.Select(static cause => cause.Generator)
            .Where(name => snapshot.Progress.Control.For(name).Halt is not null).ToHashSet(StringComparer.Ordinal);
        return PageResult.Of<FailurePage>(new FailureModel(view!, page, query.Generator, halted));
    }

    private static async Task<IResult> BatchesAsync(string id, string? generator, string? state, string? cursor, RunReader reader,
        BatchReader batches, CancellationToken cancellationToken)
    {
        var query = new BatchQuery { Generator = NotEmpty(generator), State = NotEmpty(state), Cursor = NotEmpty(cursor) };
        List<ValidationError> errors = [];
        query.Read(errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        if (query.ProblemIn(job) is { } other) return other;
        var (found, next) = await batches.ReadAsync(job, query.Only, query.Generator, query.After, BatchesOnPage, cancellationToken);
        return PageResult.Of<BatchPage>(new BatchModel
        {
            Job = view!,
            Batches = found,
            Generator = query.Generator,
            State = query.Only,
            Next = next?.ToString(),
        });
    }

    private static async Task<IResult> TimelineAsync(string id, RunReader reader, CancellationToken cancellationToken)
    {
        var (view, problem) = await reader.ReadAsync(id, cancellationToken);
        return view is null ? problem! : PageResult.Of<TimelinePage>(
            new TimelineModel(view, await reader.RatesAsync(view, cancellationToken)));
    }

    private static async Task<IResult> RequestAsync(string id, HttpRequest request, RunReader reader,
        IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, CancellationToken cancellationToken)
    {
        var (view, problem) = await reader.ReadAsync(id, cancellationToken);
        if (view is null) return problem!;
        var spec = view.Spec is null ? null : JsonSerializer.Serialize(view.Spec, json.Value.SerializerOptions);
        return PageResult.Of<RequestPage>(new RequestModel(view, spec is null ? null : Curl.Pretty(spec),
            spec is null ? null : Curl.Post(request, "/v1/jobs", spec)));
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
