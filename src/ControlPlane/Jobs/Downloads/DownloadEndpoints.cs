using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Datasets;

namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>Turns the files of ended jobs into datasets, and serves them.</summary>
internal static class DownloadEndpoints
{
    private const string Tar = "application/x-tar";

    public static void AddDatasets(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DatasetStore>();
        builder.Services.AddSingleton<DatasetViewer>();
        builder.Services.AddSingleton<DatasetRows>();
        builder.Services.AddSingleton<DatasetDispatcher>();
        builder.Services.AddSingleton<DownloadReader>();
        builder.Services.AddSingleton<DatasetTar>();
    }

    public static void MapDownloads(this IEndpointRouteBuilder api) =>
        api.MapJob("Samples").MapGet("download", GetAsync).WithName("download_dataset").WithSummary("Download a job's dataset")
            .WithDescription("Links to every file of the dataset: first its tables, card and checksums and the files of its exports, then the files of its samples, generators in the order of the request. With format=tar, all of them in one tar.")
            .Produces<Page<DownloadView>>()
            .AddOpenApiOperationTransformer(static (operation, _, _) => AddTar(operation));

    // Of two types declared for one status the framework's document keeps the last alone.
    private static Task AddTar(OpenApiOperation operation)
    {
        if (operation.Responses?["200"] is OpenApiResponse { Content: { } content })
            content[Tar] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" } };
        return Task.CompletedTask;
    }

    private static async Task<Results<Ok<Page<DownloadView>>, PushStreamHttpResult, ProblemHttpResult>> GetAsync(
        [AsParameters] JobRoute route, [AsParameters] DownloadQuery query, HttpRequest request, ProgressReader progress,
            DatasetViewer viewer,
        DownloadReader reader, DatasetTar tar, IObjectStore store, CancellationToken cancellationToken)
    {
        var (id, job) = (route.Id, route.Job);
        var asTar = query.IsTar || (query.Format is null
            && request.Headers.Accept.Any(static accept => accept?.Contains(Tar, StringComparison.OrdinalIgnoreCase) == true));
        if (asTar && store.DownloadLink(ObjectKeys.Dataset("any"), TimeSpan.FromMinutes(1)) is not null)
            return Problem.Invalid(new ValidationError("format",
                "format is 'tar'; allowed here: json, as the store serves each file by itself and this server does not carry them."));
        if (asTar && (query.Limit ?? query.Cursor) is not null)
            return Problem.Invalid(new ValidationError("format",
                "format is 'tar' beside limit or cursor; allowed: without them, as a tar has no pages."));
        if (query.After is { IsAboutDataset: false } place
            && !job.Generators.Any(generator => generator.Name == place.Generator)) return Problem.Invalid(query.WrongCursor());

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

        var (page, next) = await reader.PageAsync(job, record, query.After, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<DownloadView> { Items = page, NextCursor = next?.ToString() });
    }
}
