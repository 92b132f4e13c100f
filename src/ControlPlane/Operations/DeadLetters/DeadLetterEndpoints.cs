namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>Messages that were given up: look, send again, delete.</summary>
internal static class DeadLetterEndpoints
{
    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Redrive>();
        builder.Services.AddSingleton<DeadLetterService>();
    }

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("dead-letters").WithTags("Dead letters");

        group.MapGet("", ListAsync).WithName("list_dead_letters").WithSummary("List dead letters")
            .WithDescription("The oldest messages that were given up, including malformed ones, each with its reason. Listing changes nothing. On SQS it leaves out messages that another caller lists in the same second.");

        group.MapPost("redrive", RedriveJobAsync).RequireRole(Role.Admin).WithName("redrive_dead_letters")
            .WithSummary("Redrive a job's dead letters")
            .WithDescription("Puts each of them back on the queue with all its attempts, so that its range counts as missing and no longer as failed. Samples that are already finished are not drawn again. Messages of halted jobs are kept. A request works for at most 20 seconds; if more is true, repeat it.");

        group.MapPost("{letter}/redrive", RedriveAsync).RequireRole(Role.Admin).WithName("redrive_dead_letter")
            .WithSummary("Redrive a dead letter")
            .WithDescription("Puts it back on the queue with all its attempts; a malformed message is sent unchanged.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        group.MapDelete("", DeleteJobAsync).RequireRole(Role.Admin).WithName("delete_dead_letters")
            .WithSummary("Delete a job's dead letters")
            .WithDescription("Removes them for good; their samples still count as failed. A request works for at most 20 seconds; if more is true, repeat it.");

        group.MapDelete("{letter}", DeleteAsync).RequireRole(Role.Admin).WithName("delete_dead_letter")
            .WithSummary("Delete a dead letter")
            .WithDescription("Removes it for good; its samples still count as failed.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<DeadLetterList>> ListAsync(
        [AsParameters] DeadLetterListQuery query, DeadLetterService deadLetters, TimeProvider time, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var found = await deadLetters.ListAsync(query.JobId, query.Size, pause.Token, cancellationToken);
        return TypedResults.Ok(new DeadLetterList { Items = [.. found.Select(dead => DeadLetterView.Of(dead, time.GetUtcNow()))] });
    }

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> RedriveJobAsync(
        [AsParameters] DeadLetterQuery query, DeadLetterService deadLetters, CancellationToken cancellationToken) =>
        OfJobAsync(query.JobId, deadLetters.RedriveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> RedriveAsync(
        [Description("The dead letter's id."), Example("7")] string letter, DeadLetterService deadLetters,
            CancellationToken cancellationToken) =>
        OneAsync(letter, deadLetters.RedriveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> DeleteJobAsync(
        [AsParameters] DeadLetterQuery query, DeadLetterService deadLetters, CancellationToken cancellationToken) =>
        OfJobAsync(query.JobId, deadLetters.RemoveAsync, cancellationToken);

    private static Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> DeleteAsync(
        [Description("The dead letter's id."), Example("7")] string letter, DeadLetterService deadLetters,
            CancellationToken cancellationToken) =>
        OneAsync(letter, deadLetters.RemoveAsync, cancellationToken);

    private static async Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> OfJobAsync(
        string? jobId, Func<DeadLetterFilter, CancellationToken, CancellationToken, Task<DeadLetterCounts>> handle,
            CancellationToken cancellationToken)
    {
        if (jobId is null) return Problem.Invalid(DeadLetterQuery.WrongJob(jobId));
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        return TypedResults.Ok(DeadLetterOutcome.Of(await handle(new DeadLetterFilter { JobId = jobId }, pause.Token, cancellationToken)));
    }

    private static async Task<Results<Ok<DeadLetterOutcome>, ProblemHttpResult>> OneAsync(
        string id, Func<DeadLetterFilter, CancellationToken, CancellationToken, Task<DeadLetterCounts>> handle,
            CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var counts = await handle(new DeadLetterFilter { Id = id }, pause.Token, cancellationToken);
        return counts is { Taken: 0, Refused.Count: 0, More: false }
            ? Problem.NotFound($"There is no dead letter '{id}', or another caller is reading it at this moment; GET /v1/dead-letters lists them.")
            : TypedResults.Ok(DeadLetterOutcome.Of(counts));
    }
}
