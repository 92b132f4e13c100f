using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>A look at what a generator draws, before a job asks for thousands.</summary>
internal static class PreviewEndpoints
{
    private const int MaxPromptBytes = 64 << 10;

    public static void AddPreviews(this WebApplicationBuilder builder) => builder.Services.AddSingleton<PreviewService>();

    public static void MapPreviews(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/generators/{name}/preview", CreateAsync).RequireRole(Role.Submit).WithName("preview_generator").WithTags("Generators").RejectUnknownQuery()
            .WithSummary("Preview a generator")
            .WithDescription("Makes up to eight samples now and shows them, or why they failed: also of a generator that jobs may not ask for. 202 if no worker was done with it within 20 seconds; the same request goes on waiting. A repeated preview is a look at what is there. DELETE /v1/jobs/{id} removes it.")
            .Accepts<PreviewRequest>(isOptional: true, "application/json")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<PreviewView>, Accepted<PreviewView>, ProblemHttpResult>> CreateAsync(
        string name, HttpRequest request, Caller caller, IGeneratorCatalog catalog, ParametersReader parameters, PreviewService maker, SampleReader samples, FailureReader failures,
        IObjectStore store, CancellationToken cancellationToken)
    {
        if (!GeneratorName.IsValid(name))
            return Problem.Invalid(new ValidationError("name", $"name is '{name}'; allowed: {GeneratorName.Rule}."));
        var (body, problem) = await JsonBody.ReadAsync(request, PreviewRequest.Example, optional: true, cancellationToken);
        if (body is not { } fields) return problem!;
        var (preview, errors) = PreviewRequest.Read(fields);
        if (preview is null) return Problem.Invalid(errors);
        if (catalog.Find(name) is not { } generator)
            return Problem.NotFound($"There is no generator '{name}'; GET /v1/generators lists them.");
        if (fields.TryGetProperty(PreviewRequest.ParametersField, out var given) && given.ValueKind != JsonValueKind.Null)
        {
            List<ValidationError> mistakes = [];
            preview = preview with { Parameters = await parameters.ReadAsync(generator, [(PreviewRequest.ParametersField, given)], mistakes.Add, cancellationToken) };
            if (mistakes.Count > 0) return Problem.Invalid(mistakes);
        }

        var (job, read) = await maker.MakeAsync(generator, preview, caller.Id, cancellationToken);
        var (drawn, _) = await samples.ReadAsync(job, generator: null, after: null, job.Samples, cancellationToken);
        var (failed, _) = await failures.ReadAsync(job, all: false, cursor: null, job.Samples, cancellationToken);
        var view = new PreviewView
        {
            Id = job.Id,
            Generator = name,
            Version = generator.Version.Length == 0 ? null : generator.Version,
            Seed = job.Seed,
            State = read.State,
            Samples = await Task.WhenAll(drawn.Select(sample => ViewAsync(job, sample, store, cancellationToken))),
            Failures = failed,
            Links = new PreviewLinks { Gallery = $"/jobs/{job.Id}", Job = $"/v1/jobs/{job.Id}" },
        };
        return read.Ended ? TypedResults.Ok(view) : TypedResults.Accepted(view.Links.Job, view);
    }

    private static async Task<PreviewSampleView> ViewAsync(Job job, SampleView sample, IObjectStore store, CancellationToken cancellationToken)
    {
        var domain = sample.Name[..sample.Name.LastIndexOf('_')];
        return new PreviewSampleView
        {
            Index = sample.Index,
            Seed = sample.Seed,
            Seconds = sample.Seconds,
            Prompt = await TextAsync(store, ObjectKeys.SampleFile(job.Id, sample.Generator, domain, sample.Index, "prompt.txt"), cancellationToken),
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
