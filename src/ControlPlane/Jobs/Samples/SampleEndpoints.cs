using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Finished samples.</summary>
internal static class SampleEndpoints
{
    public static void AddSamples(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FileLinks>();
        builder.Services.AddSingleton<SampleReader>();
    }

    public static void MapSamples(this IEndpointRouteBuilder api) =>
        api.MapJob("Samples").MapGet("samples", ListAsync).WithName("list_samples").WithSummary("List a job's samples")
            .WithDescription("The finished samples, ordered by generator name, then index, with links to their files. More appear while the job runs.");

    private static async Task<Results<Ok<Page<SampleView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] SampleQuery query, SampleReader reader, CancellationToken cancellationToken)
    {
        if (query.ProblemIn(route.Job) is { } problem) return problem;
        var (samples, next) = await reader.ReadAsync(route.Job, query.Generator, query.After, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<SampleView> { Items = samples, NextCursor = next?.ToString() });
    }
}
