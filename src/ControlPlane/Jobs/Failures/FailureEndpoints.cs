using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

internal static class FailureEndpoints
{
    public static void AddFailures(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FailureReader>();
        builder.Services.AddSingleton<FailureCauseReader>();
    }

    public static void MapFailures(this IEndpointRouteBuilder api)
    {
        var failures = api.MapJob("Jobs");

        failures.MapGet("failures", ListAsync).WithName("list_failures").WithSummary("List a job's failures")
            .WithDescription("The last error of every range of samples that failed and is not finished since, with the generator's own message, traceback and log, ordered by generator name, then index.");

        failures.MapGet("failures/causes", CausesAsync).WithName("list_failure_causes").WithSummary("List the causes of a job's failures")
            .WithDescription("The same failures in groups: those of one generator, kind and exception whose messages differ in numbers alone. The causes of most samples come first. A request reads at most 500 failure records; complete says whether there are more, and next_cursor continues with these, as causes of their own.");
    }

    private static async Task<Results<Ok<Page<FailureView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] FailureQuery query, FailureReader reader, CancellationToken cancellationToken)
    {
        if (query.ProblemIn(route.Job) is { } problem) return problem;
        var (failures, next) = await reader.ReadAsync(
            route.Job, query.Generator, query.WithRecovered, query.Cursor, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<FailureView> { Items = failures, NextCursor = next });
    }

    private static async Task<Results<Ok<FailureCausePage>, ProblemHttpResult>> CausesAsync(
        [AsParameters] JobRoute route, [AsParameters] FailureCauseQuery query, FailureCauseReader reader,
        CancellationToken cancellationToken) =>
        query.ProblemIn(route.Job) is { } problem ? problem
            : TypedResults.Ok(await reader.ReadAsync(route.Job, query.Generator, query.Cursor, query.Size, cancellationToken));

    private sealed class FailureQuery : FailureCauseQuery
    {
        private bool _withRecovered;

        [FromQuery(Name = "all"), Description("Whether to include failures that a later attempt recovered."), AbsentMeans(false)]
        public string? All { get; init; }

        public bool WithRecovered => _withRecovered;

        public override void Read(List<ValidationError> errors)
        {
            base.Read(errors);
            _withRecovered = ParameterText.Flag("all", All, errors);
        }
    }
}
