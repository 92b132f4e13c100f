using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>How good a job's samples are.</summary>
internal static class QualityEndpoints
{
    public static void AddQuality(this WebApplicationBuilder builder) => builder.Services.AddSingleton<QualityReader>();

    public static void MapQuality(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("quality", ListAsync).WithName("get_quality").WithSummary("Assess a job's samples")
            .WithDescription("Per generator, in the job's order: duplicates, samples that the checks refused, and the distributions of sizes and times, of the samples finished so far. The request reads every manifest of the generators on the page: ask for few generators at a time where they have very many samples.");

    private static async Task<Results<Ok<Page<QualityView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] GeneratorQuery query, QualityReader reader, CancellationToken cancellationToken)
    {
        var (job, cursor, size) = (route.Job, query.Cursor, query.Size);
        if (query.ProblemIn(job) is { } problem) return problem;
        List<string> names = [.. job.Generators.Select(static each => each.Name)];
        if (cursor is not null && !names.Contains(cursor)) return Problem.Invalid(query.WrongCursor());

        var wanted = names[(cursor is null ? 0 : names.IndexOf(cursor) + 1)..]
            .Where(name => query.Generator is null || name == query.Generator).ToList();
        List<QualityView> page = [];
        // One after another: each is read as fast as the store can, and its figures are in memory meanwhile.
        foreach (var name in wanted.Take(size)) page.Add(await reader.ReadAsync(job, name, cancellationToken));
        return TypedResults.Ok(new Page<QualityView> { Items = page, NextCursor = wanted.Count > size ? page[^1].Generator : null });
    }
}
