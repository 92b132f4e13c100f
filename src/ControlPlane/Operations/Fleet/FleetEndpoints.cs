using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Operations.Fleet;

internal static partial class FleetEndpoints
{
    public static void AddFleet(this WebApplicationBuilder builder, SettingsBinder settings) =>
        builder.Services.AddSingleton(settings.Bind(new FleetOptions())).AddSingleton<FleetReader>();

    public static void MapFleet(this IEndpointRouteBuilder api) =>
        api.MapGet("fleet", GetAsync).WithTags("Fleet").WithName("get_fleet").WithSummary("Get the workers' figures")
            .WithDescription("The queue, the Lambda function's CloudWatch figures and this process's own worker, as far as the backend has them.")
            .ProducesProblem(StatusCodes.Status502BadGateway);

    private static async Task<Results<Ok<FleetView>, ProblemHttpResult>> GetAsync(
        [AsParameters] FleetQuery query, FleetReader fleet, ILogger<FleetReader> logger, HttpContext http,
            CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(await fleet.ReadAsync(query.Window, cancellationToken));
        }
        catch (CloudWatchException exception)
        {
            // Its message names accounts and roles.
            Log.CloudWatchFailed(logger, exception, ProblemWriter.TraceId(http));
            return Problem.Of(StatusCodes.Status502BadGateway, $"{Refusal(exception)}; the server's log has the cause under this trace_id.");
        }
    }

    /// <summary>What may be told of a failure of CloudWatch's.</summary>
    public static string Refusal(CloudWatchException exception) => exception.Code is { } code
        ? $"CloudWatch refused to give its figures ({code})" : "CloudWatch did not give its figures";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "CloudWatch gave no figures (trace {TraceId})")]
        public static partial void CloudWatchFailed(ILogger logger, Exception exception, string traceId);
    }
}
