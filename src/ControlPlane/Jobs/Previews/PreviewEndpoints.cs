using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>A look at what a generator draws, before a job asks for thousands.</summary>
internal static class PreviewEndpoints
{
    private const int MaxPromptBytes = 64 << 10;

    public static void AddPreviews(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<PreviewService>().AddSingleton<PreviewRequestReader>()
        .DescribeSchema<PreviewRequest>(static request =>
        {
            request.Properties![PreviewRequest.ParametersField] = new OpenApiSchema
            {
                Description = "Parameters of the generator, as in a job.",
                Type = JsonSchemaType.Object | JsonSchemaType.Null,
                Examples = [JsonNode.Parse("""{"max_size": 20}""")!],
            };
            VideoSchema.OfRequest(request);
        });

    public static void MapPreviews(this IEndpointRouteBuilder api) =>
        api.MapPost("generators/{name}/preview", CreateAsync).RequireRole(Role.Submit).WithTags("Generators").WithName("preview_generator")
            .WithSummary("Preview a generator")
            .WithDescription("Makes up to eight samples now and returns them, or the reasons of their failure; also of a generator that jobs cannot request. 202 if no worker has finished them within 20 seconds; the same request continues to wait. A repeated preview returns the samples that exist. DELETE /v1/jobs/{id} removes it.")
            .AcceptsJson<PreviewRequest>(PreviewRequest.Example, isOptional: true).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<PreviewView>, Accepted<PreviewView>, ProblemHttpResult>> CreateAsync(
        [AsParameters] GeneratorRoute route, HttpRequest request, Caller caller, IGeneratorCatalog catalog, PreviewRequestReader reader,
            PreviewService maker, SampleReader samples, FailureReader failures,
        IObjectStore store, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, PreviewRequest.Example, optional: true, cancellationToken);
        if (body is not { } fields) return problem!;
        if (catalog.Find(route.Name) is not { } generator)
            return PreviewRequest.Read(fields).Errors is { Count: > 0 } wrong ? Problem.Invalid(wrong) : route.NotFound();
        var (preview, errors) = await reader.ReadAsync(generator, fields, cancellationToken);
        if (preview is null) return Problem.Invalid(errors);
        var (job, read) = await maker.MakeAsync(generator, preview, caller.Id, cancellationToken);
        var (drawn, _) = await samples.ReadAsync(job, SampleFilter.All, after: null, job.Samples, cancellationToken);
        var (failed, _) = await failures.ReadAsync(job, generator: null, all: false, cursor: null, job.Samples, cancellationToken);
        var view = new PreviewView
        {
            Id = job.Id,
            Generator = generator.Name,
            Version = generator.Version.Length == 0 ? null : generator.Version,
            Seed = job.Seed,
            State = read.State,
            Samples = await Task.WhenAll(drawn.Select(sample => ViewAsync(job, sample, store, cancellationToken))),
            Failures = failed,
            Links = new PreviewLinks { Gallery = $"/jobs/{job.Id}/gallery", Job = $"/v1/jobs/{job.Id}" },
        };
        return read.Ended ? TypedResults.Ok(view) : TypedResults.Accepted(view.Links.Job, view);
    }

    private static async Task<PreviewSampleView> ViewAsync(
        Job job, SampleView sample, IObjectStore store, CancellationToken cancellationToken)
    {
        var domain = sample.Name[..sample.Name.LastIndexOf('_')];
        return new PreviewSampleView
        {
            Index = sample.Index,
            Seed = sample.Seed,
            Seconds = sample.Seconds,
            Prompt = await TextAsync(store, ObjectKeys.SampleFile(job.Id, sample.Generator, domain, sample.Index, "prompt.txt"),
                cancellationToken),
            FirstFrame = UrlOf("first_frame.png"),
            FinalFrame = UrlOf("final_frame.png"),
            Video = UrlOf("ground_truth.mp4"),
            Files = sample.Files,
        };

        string? UrlOf(string file) => sample.Files.FirstOrDefault(each => each.Name == file)?.Url;
    }

    private static async Task<string> TextAsync(IObjectStore store, string key, CancellationToken cancellationToken)
    {
        using var found = await store.GetAsync(key, cancellationToken);
        if (found is null) return "";
        var buffer = new byte[(int)Math.Min(found.Size, MaxPromptBytes)];
        var length = await found.Content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
