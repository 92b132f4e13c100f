using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Batches;

internal static class BatchEndpoints
{
    public static void AddBatches(this WebApplicationBuilder builder) => builder.Services.AddSingleton<BatchReader>();

    public static void MapBatches(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("batches", ListAsync).WithName("list_batches").WithSummary("List a job's batches")
            .WithDescription("The state, duration, workers and last error of each batch, ordered by generator name, then index. The store does not show which batches workers are processing: such a batch is waiting, or retrying, until a part of it finishes or fails. Of the worker in its own process the API knows which batches wait for a proof of process reuse; they are proving.");

    private static async Task<Results<Ok<Page<BatchView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] BatchQuery query, BatchReader reader, CancellationToken cancellationToken)
    {
        if (query.ProblemIn(route.Job) is { } problem) return problem;
        var (batches, next) = await reader.ReadAsync(route.Job, query.Only, query.Generator, query.After, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<BatchView> { Items = batches, NextCursor = next?.ToString() });
    }
}
