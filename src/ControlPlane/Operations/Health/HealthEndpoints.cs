using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>For supervisors and load balancers.</summary>
internal static class HealthEndpoints
{
    // Less than Readiness.Patience, so that a check that hangs is told by its name.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);

    public static void AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.DescribeSchema<HealthStatus>(static status =>
            status.Description = "The state of a check, or of the whole process.");
        builder.Services.AddSingleton<Readiness>().AddSingleton<StoreProbe>()
            .AddHostedService(static provider => provider.GetRequiredService<StoreProbe>());
        var checks = builder.Services.AddHealthChecks();
        checks.AddCheck<StoreCheck>("store", timeout: Timeout);
        checks.AddCheck<QueueCheck>("queue", timeout: Timeout);
        checks.AddCheck<RuntimeCheck>("runtime", timeout: Timeout);
        checks.AddCheck<WorkerCheck>("worker", timeout: Timeout);
        checks.AddCheck<GeneratorCatalogCheck>("generators", HealthStatus.Degraded, timeout: Timeout);
    }

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Health").ValidateParameters()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        // Supervisors and load balancers have no keys; what is told here names no job and nobody.
        health.MapGet("live", Live).AllowAnonymous().DisableRateLimiting().WithName("get_liveness")
            .WithSummary("Check that the process is alive")
            .WithDescription("Answers as long as the process is alive; without an answer, restart it.");

        health.MapGet("ready", ReadyAsync).AllowAnonymous().DisableRateLimiting().WithName("get_readiness")
            .WithSummary("Check that the process can work")
            .WithDescription("Checks the dependencies of the process; the result is kept for three seconds. 503 when a check is unhealthy; 200 also when one is degraded.")
            .Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }

    private static Ok<HealthView> Live() =>
        TypedResults.Ok(new HealthView { Status = HealthStatus.Healthy, Checks = new Dictionary<string, HealthCheckView>() });

    private static async Task<Results<Ok<HealthView>, JsonHttpResult<HealthView>>> ReadyAsync(
        Readiness readiness, CancellationToken cancellationToken)
    {
        var view = Describe(await readiness.ReadAsync(cancellationToken));
        return view.Status == HealthStatus.Unhealthy
            ? TypedResults.Json(view, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Ok(view);
    }

    /// <summary>The checks' results; null stands for checks that do not come to an end.</summary>
    public static HealthView Describe(HealthReport? report) => report is null
        ? new HealthView { Status = HealthStatus.Unhealthy, Checks = Endless }
        : new HealthView
        {
            Status = report.Status,
            Checks = report.Entries.ToDictionary(static entry => entry.Key, static entry => View(entry.Value)),
        };

    private static IReadOnlyDictionary<string, HealthCheckView> Endless { get; } = new Dictionary<string, HealthCheckView>
    {
        ["all"] = new()
        {
            Status = HealthStatus.Unhealthy,
            Detail = $"The checks have not come to an end for {Readiness.Patience.TotalSeconds} s."
        },
    };

    // An exception's message may name this machine's paths; the log has it, and its kind says enough here.
    private static HealthCheckView View(HealthReportEntry entry) => new()
    {
        Status = entry.Status,
        Detail = entry.Exception is { } exception ? $"{Failed(entry)}: {exception.GetType().Name}; the log has more." : entry.Description
            ?? "",
    };

    // Of an exception that a check throws, the description is its message.
    private static string Failed(HealthReportEntry entry) =>
        entry.Description is { } text && text != entry.Exception!.Message ? text.TrimEnd('.') : "The check failed";
}
