namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>The queue, for people who watch it.</summary>
internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder api) =>
        api.MapGet("queue", GetAsync).WithTags("Queue").WithName("get_queue").WithSummary("Get the queue's depth")
            .WithDescription("The numbers of messages that wait, are being processed or were given up, over all jobs.");

    private static async Task<Ok<QueueView>> GetAsync(IBatchQueue queue, CancellationToken cancellationToken)
    {
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return TypedResults.Ok(new QueueView { Queued = depth?.Queued, InFlight = depth?.InFlight, Dead = depth?.Dead });
    }
}
