using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>How good a job's samples are.</summary>
internal static class QualityEndpoints
{
    public static void AddQuality(this WebApplicationBuilder builder) => builder.Services.AddSingleton<QualityReader>();

    public static void MapQuality(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/quality", ListAsync).RequireRole(Role.Read).WithName("get_quality").WithTags("Jobs").RejectUnknownQuery()
            .WithSummary("Judge a job's samples")
            .WithDescription("Per generator, in the job's order: duplicates, samples that the checks refused, and how sizes and times are distributed, of what is finished now. Every manifest of the generators in the page is read: ask for few of them at a time where they have very many samples.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<Page<QualityView>>, ProblemHttpResult>> ListAsync(
        string id, string? generator, string? limit, string? cursor, JobLookup lookup, QualityReader reader, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        List<string> names = [.. job.Generators.Select(static each => each.Name)];
        if (generator is not null && !names.Contains(generator)) return JobLookup.NotOfJob(id, generator);
        if (cursor is not null && !names.Contains(cursor)) return Problem.Invalid(PageLimits.WrongCursor(cursor));

        var wanted = names[(cursor is null ? 0 : names.IndexOf(cursor) + 1)..].Where(name => generator is null || name == generator).ToList();
        List<QualityView> page = [];
        // One after another: each is read as fast as the store can, and its figures are in memory meanwhile.
        foreach (var name in wanted.Take(size)) page.Add(await reader.ReadAsync(job, name, cancellationToken));
        return TypedResults.Ok(new Page<QualityView> { Items = page, NextCursor = wanted.Count > size ? page[^1].Generator : null });
    }
}
