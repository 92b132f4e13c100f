using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>Messages that were given up: look, send again, delete.</summary>
internal static class DeadLetterEndpoints
{
    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Redrive>();
        builder.Services.AddSingleton<DeadLetterService>();
    }

    public static void MapDeadLetters(this IEndpointRouteBuilder app)
    {
        var letters = app.MapGroup("/v1/dead-letters").WithTags("Dead letters").RejectUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        letters.MapGet("", ListAsync).RequireRole(Role.Read).WithName("list_dead_letters").WithSummary("List dead letters")
            .WithDescription("The oldest messages that were given up, malformed ones too, each with its reason. Looking changes nothing. On SQS those are passed over that somebody else looks at in the same second.");

        letters.MapPost("redrive", RedriveJobAsync).RequireRole(Role.Admin).WithName("redrive_dead_letters").WithSummary("Send a job's dead letters again")
            .WithDescription("Puts each of them back on the queue with all its tries, so that its range counts as missing again and no more as failed. What is finished already is not drawn again. Letters of jobs whose work was halted are kept. A request works for 20 seconds at most; if more is true, repeat it.");

        letters.MapPost("{letter}/redrive", RedriveAsync).RequireRole(Role.Admin).WithName("redrive_dead_letter").WithSummary("Send a dead letter again")
            .WithDescription("Puts it back on the queue with all its tries; a malformed one goes as it is.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        letters.MapDelete("", DeleteJobAsync).RequireRole(Role.Admin).WithName("delete_dead_letters").WithSummary("Delete a job's dead letters")
            .WithDescription("Removes them for good; their samples go on counting as failed. A request works for 20 seconds at most; if more is true, repeat it.");

        letters.MapDelete("{letter}", DeleteAsync).RequireRole(Role.Admin).WithName("delete_dead_letter").WithSummary("Delete a dead letter")
            .WithDescription("Removes it for good; its samples go on counting as failed.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> ListAsync(
        [FromQuery(Name = "job_id")] string? jobId, string? limit, DeadLetterService box, TimeProvider time, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        if (jobId is not null && !JobId.IsValid(jobId)) errors.Add(WrongJob(jobId));
        if (errors.Count > 0) return Problem.Invalid(errors);
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var found = await box.ListAsync(jobId, size, pause.Token, cancellationToken);
        return TypedResults.Ok(new DeadLetterList { Items = [.. found.Select(letter => DeadLetterView.Of(letter, time.GetUtcNow()))] });
    }

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> RedriveJobAsync(
        [FromQuery(Name = "job_id")] string? jobId, DeadLetterService box, CancellationToken cancellationToken) =>
        OfJobAsync(jobId, box.RedriveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> RedriveAsync(string letter, DeadLetterService box, CancellationToken cancellationToken) =>
        OneAsync(letter, box.RedriveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> DeleteJobAsync(
        [FromQuery(Name = "job_id")] string? jobId, DeadLetterService box, CancellationToken cancellationToken) =>
        OfJobAsync(jobId, box.RemoveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> DeleteAsync(string letter, DeadLetterService box, CancellationToken cancellationToken) =>
        OneAsync(letter, box.RemoveAsync, cancellationToken);

    private static async Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> OfJobAsync(
        string? jobId, Func<DeadLetterFilter, CancellationToken, CancellationToken, Task<DeadLetterCounts>> handle, CancellationToken cancellationToken)
    {
        if (jobId is null || !JobId.IsValid(jobId)) return Problem.Invalid(WrongJob(jobId));
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        return TypedResults.Ok(DeadLetterOutcome.Of(await handle(new DeadLetterFilter { JobId = jobId }, pause.Token, cancellationToken)));
    }

    private static async Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> OneAsync(
        string id, Func<DeadLetterFilter, CancellationToken, CancellationToken, Task<DeadLetterCounts>> handle, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var tally = await handle(new DeadLetterFilter { Id = id }, pause.Token, cancellationToken);
        return tally is { Taken: 0, Refused.Count: 0, More: false }
            ? Problem.NotFound($"There is no dead letter '{id}', unless somebody else looks at it in this moment; GET /v1/dead-letters lists them.")
            : TypedResults.Ok(DeadLetterOutcome.Of(tally));
    }

    private static ValidationError WrongJob(string? jobId) =>
        new("job_id", $"job_id is {(jobId is null ? "missing" : $"'{jobId}'")}; allowed: {JobId.Rule}.");
}
