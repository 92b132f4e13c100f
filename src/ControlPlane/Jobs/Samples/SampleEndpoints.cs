using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Finished samples.</summary>
internal static class SampleEndpoints
{
    public static void AddSamples(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FileLinks>();
        builder.Services.AddSingleton<SampleReader>();
    }

    public static void MapSamples(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/samples", ListAsync).RequireRole(Role.Read).WithName("list_samples").WithTags("Samples").RejectUnknownQuery()
            .WithSummary("List a job's samples")
            .WithDescription("The samples that are finished, ordered by generator name, then index, with links to their files. More appear while the job runs.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<Page<SampleView>>, ProblemHttpResult>> ListAsync(
        string id, string? generator, string? limit, string? cursor, JobLookup lookup, SampleReader reader, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        var after = SampleCursor.Read(cursor, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (generator is not null && !job.Generators.Any(each => each.Name == generator)) return JobLookup.NotOfJob(id, generator);

        var (samples, next) = await reader.ReadAsync(job, generator, after, size, cancellationToken);
        return TypedResults.Ok(new Page<SampleView> { Items = samples, NextCursor = next?.ToString() });
    }
}
