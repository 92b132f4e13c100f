using OpenTelemetry;
using OpenTelemetry.Resources;

namespace VmDataset.Worker.Telemetry;

internal static class TelemetrySetup
{
    /// <summary>Sends traces, metrics and logs to a collector, as the standard <c>OTEL_*</c> variables say.</summary>
    public static void AddTelemetry(this IServiceCollection services, string service)
    {
        services.AddOpenTelemetry()
            // The last one wins: the variables may give another name.
            .ConfigureResource(resource => resource.AddService(service).AddEnvironmentVariableDetector())
            .WithTracing(static traces => traces.AddSource(Instrumentation.Name))
            .WithMetrics(static metrics => metrics.AddMeter(Instrumentation.Name, "System.Runtime"))
            .WithLogging(configureBuilder: null, static logs => (logs.IncludeScopes, logs.IncludeFormattedMessage) = (true, true))
            .UseOtlpExporter();
        services.AddSingleton<TelemetryFlush>();
        services.AddSingleton<ExportFailures>().AddHostedService(static provider => provider.GetRequiredService<ExportFailures>());
    }
}
