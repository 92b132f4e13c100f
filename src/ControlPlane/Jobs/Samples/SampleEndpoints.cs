using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

internal static class SampleEndpoints
{
    public static void AddSamples(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FileLinks>();
        builder.Services.AddSingleton<SampleReader>();
        builder.Services.AddSingleton<ShuffledSampleReader>();
    }

    public static void MapSamples(this IEndpointRouteBuilder api) =>
        api.MapJob("Samples").MapGet("samples", ListAsync).WithName("list_samples").WithSummary("List a job's samples")
            .WithDescription("The finished samples, ordered by generator name, then index, with links to their files. More appear while the job runs. With shuffle they come in a pseudo-random order that its seed decides and that stays while the job runs. With shuffle or split, a page may have fewer items than limit, or none, and a next_cursor.");

    private static async Task<Results<Ok<Page<SampleView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] SampleListQuery query, SampleReader reader, ShuffledSampleReader shuffled,
        CancellationToken cancellationToken)
    {
        if (query.ProblemIn(route.Job) is { } problem) return problem;
        if (query.Seed is { } seed)
        {
            var (found, place) = await shuffled.ReadAsync(
                route.Job, query.Filter, seed, query.Place, query.Size, cancellationToken);
            return TypedResults.Ok(new Page<SampleView>
            {
                Items = found,
                NextCursor = place?.ToString(CultureInfo.InvariantCulture),
            });
        }

        var (samples, next) = await reader.ReadAsync(route.Job, query.Filter, query.After, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<SampleView> { Items = samples, NextCursor = next?.ToString() });
    }
}
