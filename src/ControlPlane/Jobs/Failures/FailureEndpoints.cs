using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>A job's failures.</summary>
internal static class FailureEndpoints
{
    public static void MapFailures(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("failures", ListAsync).WithName("list_failures").WithSummary("List a job's failures")
            .WithDescription("The last error of every range of samples that failed and is not finished since, with the generator's own message, traceback and log, ordered by generator name, then index.");

    private static async Task<Ok<Page<FailureView>>> ListAsync(
        [AsParameters] JobRoute route, [AsParameters] FailureQuery query, FailureReader reader, CancellationToken cancellationToken)
    {
        var (failures, next) = await reader.ReadAsync(route.Job, query.WithRecovered, query.Cursor, query.Size, cancellationToken);
        return TypedResults.Ok(new Page<FailureView> { Items = failures, NextCursor = next });
    }

    private sealed class FailureQuery : PageQuery
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

        protected override bool IsCursor(string text) => FailureReader.IsCursor(text);
    }
}
