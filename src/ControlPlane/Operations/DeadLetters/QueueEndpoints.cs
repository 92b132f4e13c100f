using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>The queue, for people who watch it.</summary>
internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder app)
    {
        var queue = app.MapGroup("/v1/queue").WithTags("Queue").RejectUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        queue.MapGet("", GetAsync).RequireRole(Role.Read).WithName("get_queue").WithSummary("Look at the queue")
            .WithDescription("How many messages wait, are in work and were given up, over all jobs.");
    }

    private static async Task<Ok<QueueView>> GetAsync(IBatchQueue queue, CancellationToken cancellationToken)
    {
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return TypedResults.Ok(new QueueView { Queued = depth?.Queued, InFlight = depth?.InFlight, Dead = depth?.Dead });
    }
}
