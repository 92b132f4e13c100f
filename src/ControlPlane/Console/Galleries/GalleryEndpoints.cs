using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Console.Runs;
using VmDataset.ControlPlane.Jobs.Samples;

namespace VmDataset.ControlPlane.Console.Galleries;

/// <summary>A job's samples as pictures.</summary>
internal static class GalleryEndpoints
{
    private const int SamplesOnPage = 24;

    public static void MapGalleries(this IEndpointRouteBuilder pages)
    {
        var job = pages.MapGroup("/jobs/{id}").RequireRole(Role.Read);
        job.MapGet("/gallery", GetAsync);
        job.MapGet("/samples/{name}/{index}", SampleAsync);
    }

    private static async Task<IResult> GetAsync(
        string id, string? generator, string? split, string? shuffle, string? cursor, string? loaded, HttpRequest request,
        RunReader reader, SampleReader samples, ShuffledSampleReader shuffled, CancellationToken cancellationToken)
    {
        var query = new SampleListQuery
        {
            Generator = NotEmpty(generator),
            Split = NotEmpty(split),
            Shuffle = NotEmpty(shuffle),
            Cursor = NotEmpty(cursor),
        };
        List<ValidationError> errors = [];
        query.Read(errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        if (query.ProblemIn(job) is { } other) return other;
        var (found, next) = await ReadAsync();
        var isPart = ProblemPages.IsPart(request);
        var model = new GalleryModel
        {
            Job = view!,
            Samples = found,
            Generator = query.Generator,
            Split = query.Split,
            Splits = job.SplitNames(),
            Seed = query.Seed,
            Next = next,
            Cursor = query.Cursor,
            After = query.Seed is null ? query.After?.Generator : null,
            Pages = isPart && int.TryParse(loaded, NumberStyles.None, CultureInfo.InvariantCulture, out var pages)
                ? Math.Min(pages, GalleryModel.MaxPages) + 1 : 1,
            IsPart = isPart,
        };
        return isPart ? PageResult.Of<GalleryPart>(model) : PageResult.Of<GalleryPage>(model);

        async Task<(IReadOnlyList<SampleView>, string?)> ReadAsync()
        {
            if (query.Seed is { } seed)
            {
                var (some, place) = await shuffled.ReadAsync(
                    snapshot, query.Filter, seed, query.Place, SamplesOnPage, cancellationToken);
                return (some, place?.ToString(CultureInfo.InvariantCulture));
            }

            var (ordered, last) = await samples.ReadAsync(job, query.Filter, query.After, SamplesOnPage, cancellationToken);
            return (ordered, last?.ToString());
        }
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static async Task<IResult> SampleAsync(string id, string name, string index, RunReader reader, SampleReader samples,
        CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var at = ParameterText.WholeNumber("index", index, 0, JobLimits.MaxIndexEnd - 1, 0, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        SampleCursor? after = at == 0 ? null : new SampleCursor(name, at - 1);
        var isKnown = job.Generators.Any(generator => generator.Name == name);
        var (found, _) = isKnown ? await samples.ReadAsync(job, new SampleFilter(name), after, 1, cancellationToken) : ([], null);
        return found is [var sample] && sample.Index == at
            ? PageResult.Of<SamplePage>(new SampleModel(view!, sample, sample.Parameters is { } text ? Readable(text) : null))
            : Problem.NotFound($"The job has no finished sample {index} of '{name}'; /jobs/{id}/gallery shows those that it has.");
    }

    // The generator's own text, which may be cut.
    private static string Readable(string parameters)
    {
        try
        {
            return Curl.Pretty(parameters);
        }
        catch (JsonException)
        {
            return parameters;
        }
    }
}
