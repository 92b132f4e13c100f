using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>What went wrong in a job.</summary>
internal static class FailureEndpoints
{
    public static void MapFailures(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/failures", ListAsync).RequireRole(Role.Read).WithName("list_failures").WithTags("Jobs").RejectUnknownQuery()
            .WithSummary("List a job's failures")
            .WithDescription("The last error of every range of samples that failed and is not finished since, ordered by generator name, then index: the generator's own message, traceback and log.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<Page<FailureView>>, ProblemHttpResult>> ListAsync(
        string id, string? all, string? limit, string? cursor, JobLookup lookup, FailureReader reader, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        var withRecovered = false;
        if (all is not null && !bool.TryParse(all, out withRecovered))
            errors.Add(new ValidationError("all", $"all is '{all}'; allowed: true or false."));
        if (cursor is not null && !FailureReader.IsCursor(cursor)) errors.Add(PageLimits.WrongCursor(cursor));
        if (errors.Count > 0) return Problem.Invalid(errors);

        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
        var (failures, next) = await reader.ReadAsync(job, withRecovered, cursor, size, cancellationToken);
        return TypedResults.Ok(new Page<FailureView> { Items = failures, NextCursor = next });
    }
}
