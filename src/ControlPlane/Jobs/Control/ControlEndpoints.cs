using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>What an operator does with a job after it was submitted.</summary>
internal static class ControlEndpoints
{
    public static void AddControl(this WebApplicationBuilder builder) => builder.Services.AddSingleton<JobOperations>();

    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var job = app.MapGroup("/v1/jobs/{id}").WithTags("Jobs").RejectUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status500InternalServerError);

        job.MapPost("cancel", CancelAsync).RequireRole(Role.Submit).WithName("cancel_job").WithSummary("Cancel a job")
            .WithDescription("Its messages are dropped when they are met, and work on it stops within two seconds. What is done stays; a retry makes the rest. Cancelling a cancelled job changes nothing.");

        job.MapPost("pause", PauseAsync).RequireRole(Role.Submit).WithName("pause_job").WithSummary("Pause a job")
            .WithDescription("As cancelling, but the job waits to be resumed. Pausing a paused job changes nothing.");

        job.MapPost("resume", ResumeAsync).RequireRole(Role.Submit).WithName("resume_job").WithSummary("Resume a paused job")
            .WithDescription("Sends what is missing and has not failed for good. Resuming a job that is not paused changes nothing.");

        job.MapPost("retry", RetryAsync).RequireRole(Role.Submit).WithName("retry_job").WithSummary("Retry what is missing")
            .WithDescription("Sends exactly the samples that are not finished, with fresh tries, and takes the job's dead letters out of the dead-letter queue. For jobs that failed, were cancelled or stopped by their failure budget, and for running ones whose messages were lost.")
            .Accepts<RetryRequest>(isOptional: true, "application/json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        job.MapDelete("", DeleteAsync).RequireRole(Role.Submit).WithName("delete_job").WithSummary("Delete a job")
            .WithDescription("Removes the data and records of a job that has ended. 204 when all is gone; 202 when there is much of it: it goes on, on Lambda when this is repeated.")
            .Produces(StatusCodes.Status202Accepted).Produces(StatusCodes.Status204NoContent);
    }

    private static Task<Results<Ok<JobView>, ProblemHttpResult>> CancelAsync(string id, Caller caller, JobOperations operations, CancellationToken cancellationToken) =>
        operations.CancelAsync(id, caller, cancellationToken);

    private static Task<Results<Ok<JobView>, ProblemHttpResult>> PauseAsync(string id, Caller caller, JobOperations operations, CancellationToken cancellationToken) =>
        operations.PauseAsync(id, caller, cancellationToken);

    private static Task<Results<Ok<JobView>, ProblemHttpResult>> ResumeAsync(string id, Caller caller, JobOperations operations, CancellationToken cancellationToken) =>
        operations.ResumeAsync(id, caller, cancellationToken);

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> RetryAsync(
        string id, HttpRequest request, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, RetryRequest.Example, optional: true, cancellationToken);
        if (body is not { } fields) return problem!;
        var (retry, errors) = RetryRequest.Read(fields);
        return retry is null ? Problem.Invalid(errors) : await operations.RetryAsync(id, caller, retry, cancellationToken);
    }

    private static async Task<Results<NoContent, StatusCodeHttpResult, ProblemHttpResult>> DeleteAsync(string id, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (removed, problem) = await operations.DeleteAsync(id, caller, cancellationToken);
        if (problem is not null) return problem;
        return removed ? TypedResults.NoContent() : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}
