using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>A job's batches.</summary>
internal static class BatchEndpoints
{
    /// <summary>The states by the names they have in answers.</summary>
    public static IReadOnlyDictionary<string, BatchState> States { get; } =
        Enum.GetValues<BatchState>().ToDictionary(static state => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()), StringComparer.Ordinal);

    public static void AddBatches(this WebApplicationBuilder builder) => builder.Services.AddSingleton<BatchReader>();

    public static void MapBatches(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/batches", ListAsync).RequireRole(Role.Read).WithName("list_batches").WithTags("Jobs").RejectUnknownQuery()
            .WithSummary("List a job's batches")
            .WithDescription("How each batch stands, how long it took, which worker made it and how it failed, ordered by generator name, then index. Read from the store, which does not know what a worker has in hand: such a batch is waiting, or retrying, until a part of it is finished or fails.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<Page<BatchView>>, ProblemHttpResult>> ListAsync(
        string id, string? state, string? generator, string? limit, string? cursor, JobLookup lookup, BatchReader reader, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        BatchState? only = null;
        if (state is not null)
        {
            if (States.TryGetValue(state, out var known)) only = known;
            else errors.Add(new ValidationError("state", $"state is '{state}'; allowed: {string.Join(", ", States.Keys)}."));
        }

        var after = SampleCursor.Read(cursor, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        if (generator is not null && !job.Generators.Any(each => each.Name == generator)) return JobLookup.NotOfJob(id, generator);

        var (batches, next) = await reader.ReadAsync(job, only, generator, after, size, cancellationToken);
        return TypedResults.Ok(new Page<BatchView> { Items = batches, NextCursor = next?.ToString() });
    }
}
