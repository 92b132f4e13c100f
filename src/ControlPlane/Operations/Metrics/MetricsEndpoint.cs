using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Operations.Metrics;

/// <summary>The figures of this process for Prometheus, and what is the API's own in its traces.</summary>
internal static class MetricsEndpoint
{
    private const string Path = "/metrics";

    public static void AddMetrics(this WebApplicationBuilder builder, BackendOptions backend, ProcessOptions process)
    {
        builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddMeter(Instrumentation.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        if (process.OtlpEndpoint is not null)
        {
            builder.Services.ConfigureOpenTelemetryTracerProvider(static traces =>
                // Those who ask every few seconds would bury the rest.
                traces.AddAspNetCoreInstrumentation(static requests => requests.Filter = static request =>
                    !request.Request.Path.StartsWithSegments(Path) && !request.Request.Path.StartsWithSegments("/health")));
        }

        // On Lambda nothing runs between requests.
        if (!backend.OnLambda) builder.Services.AddHostedService<QueueGauge>();
    }

    public static void MapMetrics(this WebApplication app) =>
        app.MapPrometheusScrapingEndpoint(Path).RequireRole(Role.Read).DisableHttpMetrics();
}
