using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>Cancels, pauses, resumes, retries and deletes submitted jobs.</summary>
internal static class ControlEndpoints
{
    public static void AddControl(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<CauseRanges>().AddSingleton<JobOperations>();

    public static void MapControl(this IEndpointRouteBuilder api)
    {
        var job = api.MapJob("Jobs").RequireRole(Role.Submit);

        job.MapPost("cancel", CancelAsync).WithName("cancel_job").WithSummary("Cancel a job")
            .WithDescription("Work on the job stops within two seconds, on AWS within 15 (HALT_CHECK_SECONDS); workers drop its messages as they receive them. Finished samples stay, and a retry makes the rest. Cancelling a cancelled job changes nothing.")
            .AcceptsJson<CancelRequest>(CancelRequest.Example, isOptional: true);

        job.MapPost("pause", PauseAsync).WithName("pause_job").WithSummary("Pause a job")
            .WithDescription("Stops work like a cancellation; the job then waits to be resumed. Pausing a paused job changes nothing.");

        job.MapPost("resume", ResumeAsync).WithName("resume_job").WithSummary("Resume a paused job")
            .WithDescription("Sends the samples that are missing and have not failed for good. Resuming a job that is not paused changes nothing.");

        job.MapPost("retry", RetryAsync).WithName("retry_job").WithSummary("Retry missing samples")
            .WithDescription("Sends exactly the samples that are not finished, with fresh attempts, and removes the job's messages from the dead-letter queue. For jobs that failed, were cancelled or were stopped by their failure budget, and for running jobs whose messages were lost. A body limits it to a generator, or to one cause of failures: then only the samples that failed for good by it are sent, and what else was given up stays so.")
            .AcceptsJson<RetryRequest>(RetryRequest.Example, isOptional: true);

        job.MapDelete("", DeleteAsync).WithName("delete_job").WithSummary("Delete a job")
            .WithDescription("Removes the data and records of a job that has ended. 204 when everything is removed; 202 while much of it remains: the removal goes on, on Lambda whenever this request is repeated.")
            .Produces(StatusCodes.Status202Accepted).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> CancelAsync(
        [AsParameters] JobIdRoute route, HttpRequest request, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, CancelRequest.Example, optional: true, cancellationToken);
        if (body is not { } fields) return problem!;
        var (cancel, errors) = CancelRequest.Read(fields);
        return cancel is null ? Problem.Invalid(errors) : await operations.CancelAsync(route.Id, caller, cancel, cancellationToken);
    }

    private static Task<Results<Ok<JobView>, ProblemHttpResult>> PauseAsync(
        [AsParameters] JobIdRoute route, Caller caller, JobOperations operations, CancellationToken cancellationToken) =>
        operations.PauseAsync(route.Id, caller, cancellationToken);

    private static Task<Results<Ok<JobView>, ProblemHttpResult>> ResumeAsync(
        [AsParameters] JobIdRoute route, Caller caller, JobOperations operations, CancellationToken cancellationToken) =>
        operations.ResumeAsync(route.Id, caller, cancellationToken);

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> RetryAsync(
        [AsParameters] JobIdRoute route, HttpRequest request, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, RetryRequest.Example, optional: true, cancellationToken);
        if (body is not { } fields) return problem!;
        var (retry, errors) = RetryRequest.Read(fields);
        return retry is null ? Problem.Invalid(errors) : await operations.RetryAsync(route.Id, caller, retry, cancellationToken);
    }

    private static async Task<Results<NoContent, StatusCodeHttpResult, ProblemHttpResult>> DeleteAsync(
        [AsParameters] JobIdRoute route, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (removed, problem) = await operations.DeleteAsync(route.Id, caller, cancellationToken);
        if (problem is not null) return problem;
        return removed ? TypedResults.NoContent() : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}
