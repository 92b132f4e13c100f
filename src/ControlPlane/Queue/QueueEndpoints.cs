using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Access;
using VmDataset.ControlPlane.Paging;
using VmDataset.ControlPlane.Problems;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Queue;

/// <summary>The queue, for people who watch it.</summary>
internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder app)
    {
        var queue = app.MapGroup("/v1/queue").WithTags("Queue").RefuseUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        queue.MapGet("", GetAsync).Needs(Role.Read).WithName("get_queue").WithSummary("Look at the queue")
            .WithDescription("How many messages wait, are in work and were given up, over all jobs.");

        queue.MapGet("dead-letters", ListDeadLettersAsync).Needs(Role.Read).WithName("list_dead_letters").WithSummary("List dead letters")
            .WithDescription("The oldest messages that were given up, malformed ones too, each with its reason. Looking changes nothing.");
    }

    private static async Task<Ok<QueueView>> GetAsync(IBatchQueue queue, CancellationToken cancellationToken)
    {
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return TypedResults.Ok(new QueueView { Queued = depth?.Queued, InFlight = depth?.InFlight, Dead = depth?.Dead });
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> ListDeadLettersAsync(
        string? limit, IBatchQueue queue, CancellationToken cancellationToken)
    {
        List<FieldError> errors = [];
        var size = PageLimits.Read(limit, errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var letters = await queue.PeekDeadLettersAsync(size, cancellationToken);
        return TypedResults.Ok(new DeadLetterList { Items = [.. letters.Select(View)] });
    }

    private static DeadLetterView View(DeadLetter letter) => new()
    {
        Id = letter.Id,
        Body = letter.Body,
        Reason = letter.Reason,
        DiedAt = letter.DiedAt,
        JobId = BatchMessageParser.Parse(letter.Body).Message?.JobId,
    };
}
