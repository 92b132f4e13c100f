using System.Diagnostics.CodeAnalysis;
using Microsoft.Net.Http.Headers;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>The dataset's files, for browsers and for small downloads.</summary>
internal static class FileEndpoints
{
    // Files come from foreign programs: opened in a browser they may show themselves and do nothing else. Scripts stay
    // off; without an origin of its own a browser would not let a video load its own parts.
    private const string Policy =
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin";
    private const int MaxKeyBytes = 1024;
    private const int MaxPartBytes = 255;
    private static readonly TimeSpan LinkValidity = TimeSpan.FromMinutes(10);

    public static void MapSampleFiles(this IEndpointRouteBuilder api)
    {
        var file = api.MapGroup("jobs/{id}/files/{**path}").WithTags("Samples")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status416RangeNotSatisfiable);

        file.MapGet("", GetAsync).WithName("get_file").WithSummary("Download a file of the dataset")
            .WithDescription("A file of a sample, or a tar, as the list of samples links it. Supports Range, If-None-Match and If-Modified-Since, so that a browser can play a video.")
            .Produces<byte[]>(StatusCodes.Status200OK, ContentTypes.All[0], ContentTypes.All[1..])
            .Produces<byte[]>(StatusCodes.Status206PartialContent, ContentTypes.All[0], ContentTypes.All[1..])
            .Produces(StatusCodes.Status302Found).Produces(StatusCodes.Status304NotModified);

        file.MapMethods("", [HttpMethods.Head], GetAsync).WithName("head_file").WithSummary("Get the headers of a file of the dataset")
            .WithDescription("The headers of the file's download, without its content.")
            .Produces(StatusCodes.Status200OK).Produces(StatusCodes.Status206PartialContent).Produces(StatusCodes.Status302Found)
                .Produces(StatusCodes.Status304NotModified);
    }

    private static async Task<Results<FileStreamHttpResult, RedirectHttpResult, ProblemHttpResult>> GetAsync(
        [AsParameters] JobIdRoute route,
        [Description("The file's path below the job's data; slashes separate its parts."),
            Example("chess-task-data-generator/chess_task/chess_00000042/first_frame.png")] string? path,
        HttpResponse response, IObjectStore store, CancellationToken cancellationToken)
    {
        var id = route.Id;
        if (!JobId.IsValid(id)) return JobLookup.Malformed(id);
        var key = ObjectKeys.DataPrefix(id) + path;
        if (!IsPath(path) || Encoding.UTF8.GetByteCount(key) > MaxKeyBytes) return NotFound(id);
        if (store.DownloadLink(key, LinkValidity) is { } link) return TypedResults.Redirect(link.AbsoluteUri);
        if (await store.GetAsync(key, cancellationToken) is not { } found) return NotFound(id);

        response.Headers.ContentSecurityPolicy = Policy;
        // A repeated job never changes a sample's bytes but may write its metadata anew: keep it, but ask each time.
        response.Headers.CacheControl = "no-cache";
        var content = await SeekableContent.OfAsync(found, cancellationToken);
        return TypedResults.Stream(content, ContentTypes.Of(path), lastModified: found.LastModified, entityTag: Tag(found),
            enableRangeProcessing: true);
    }

    private static ProblemHttpResult NotFound(string id) =>
        Problem.NotFound($"The job has no such file; GET /v1/jobs/{id}/samples links its files.");

    private static EntityTagHeaderValue Tag(StoredObject found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"\"{found.LastModified.UtcTicks:x}-{found.Size:x}\""));

    private static bool IsPath([NotNullWhen(true)] string? path) =>
        !string.IsNullOrEmpty(path) && !path.AsSpan().ContainsAny('\0', '\\')
        && Array.TrueForAll(path.Split('/'), static part => part is not ("" or "." or "..")
            && Encoding.UTF8.GetByteCount(part) <= MaxPartBytes);
}
