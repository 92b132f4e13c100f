using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>Makes the files of jobs that have ended datasets, and lets them be fetched.</summary>
internal static class DownloadEndpoints
{
    private const string Tar = "application/x-tar";

    public static void AddDatasets(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DatasetStore>();
        builder.Services.AddSingleton<DatasetViewer>();
        builder.Services.AddSingleton<DatasetRows>();
        builder.Services.AddSingleton<DatasetWriter>();
        builder.Services.AddSingleton<DatasetBuilder>();
        builder.Services.AddSingleton<DownloadReader>();
        builder.Services.AddSingleton<DatasetTar>();
    }

    public static void MapDownloads(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/download", GetAsync).RequireRole(Role.Read).WithName("download_dataset").WithTags("Samples").RejectUnknownQuery()
            .WithSummary("Download a job's dataset")
            .WithDescription("Links to every file of the dataset: first its tables, card and sums, then the files of its samples, generators in the order asked for. Or, with format=tar, all of them in one tar.")
            .Produces<Page<DownloadView>>()
            .AddOpenApiOperationTransformer(static (operation, _, _) => AddTar(operation))
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status500InternalServerError);

    // Of two types declared for one status the framework's document keeps the last alone.
    private static Task AddTar(OpenApiOperation operation)
    {
        if (operation.Responses?["200"] is OpenApiResponse { Content: { } content })
            content[Tar] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" } };
        return Task.CompletedTask;
    }

    private static async Task<Results<Ok<Page<DownloadView>>, PushStreamHttpResult, ProblemHttpResult>> GetAsync(
        string id, string? format, string? limit, string? cursor, HttpRequest request, JobLookup lookup, ProgressReader progress, DatasetViewer viewer,
        DownloadReader reader, DatasetTar tar, IObjectStore store, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        var after = DownloadCursor.Read(cursor, errors);
        var asTar = format == "tar" || (format is null && request.Headers.Accept.Any(static accept => accept?.Contains(Tar, StringComparison.OrdinalIgnoreCase) == true));
        if (format is not (null or "json" or "tar")) errors.Add(new ValidationError("format", $"format is '{format}'; allowed: json, tar."));
        else if (asTar && store.DownloadLink(ObjectKeys.Dataset("any"), TimeSpan.FromMinutes(1)) is not null)
            errors.Add(new ValidationError("format", "format is 'tar'; allowed here: json, as the store gives each file by itself and this server does not carry them."));
        else if (asTar && (limit ?? cursor) is not null)
            errors.Add(new ValidationError("format", "format is 'tar' beside limit or cursor; allowed: without them, as a tar has no pages."));
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (after is { IsAboutDataset: false } place && !job.Generators.Any(generator => generator.Name == place.Generator)) return Problem.Invalid(PageLimits.WrongCursor(cursor!));

        var read = await progress.ReadAsync(job, cancellationToken);
        if (await viewer.ReadyAsync(job, read, cancellationToken) is not { } record)
        {
            var view = await viewer.ViewAsync(job, read, cancellationToken);
            return Problem.Of(StatusCodes.Status409Conflict,
                $"The dataset of job '{id}' is {view.State.ToString().ToLowerInvariant()} and the job {read.State.ToString().ToLowerInvariant()}; GET /v1/jobs/{id} shows under dataset when it is ready.");
        }

        if (asTar)
        {
            var files = reader.FilesAsync(job, record, null, CancellationToken.None).Select(static each => each.File);
            request.HttpContext.Response.Headers[HeaderNames.ContentDisposition] = $"attachment; filename=\"{id}.tar\"";
            return TypedResults.Stream(target => tar.WriteAsync(job, files, target, request.HttpContext.RequestAborted), Tar);
        }

        var (page, next) = await reader.PageAsync(job, record, after, size, cancellationToken);
        return TypedResults.Ok(new Page<DownloadView> { Items = page, NextCursor = next?.ToString() });
    }
}
