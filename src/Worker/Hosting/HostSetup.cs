using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VmDataset.Worker.Options;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Hosting;

public static class HostSetup
{
    /// <summary>Sets up the log, telemetry and the stop.</summary>
    /// <param name="service">The process's name in telemetry, unless <c>OTEL_SERVICE_NAME</c> gives another.</param>
    /// <param name="scopes">Whether a line of text tells its scopes too; one of JSON always does.</param>
    public static void AddHostSettings(this IHostApplicationBuilder builder, HostSettings settings, string service, bool scopes)
    {
        builder.AddLog(settings.LogFormat, scopes);
        if (settings.OtlpEndpoint is not null) builder.Services.AddTelemetry(service);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = settings.WorkBound;
            // One after the other, a slow download would take the worker's time, which could then neither store nor give back.
            host.ServicesStopConcurrently = true;
            // Each has its own care for what fails; what it has overlooked must not end the others.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
    }

    private static void AddLog(this IHostApplicationBuilder builder, LogFormat format, bool scopes)
    {
        if (format == LogFormat.Text)
        {
            builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.IncludeScopes) = (true, scopes));
            return;
        }

        builder.Logging.AddJsonConsole(static console =>
            (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
    }
}
