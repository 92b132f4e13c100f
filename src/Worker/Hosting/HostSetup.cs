using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Hosting;

public static class HostSetup
{
    /// <summary>Sets up the log, telemetry and the stop.</summary>
    /// <param name="settings">Gets the errors of <see cref="ProcessOptions"/>.</param>
    /// <param name="service">The process's name in telemetry, unless <c>OTEL_SERVICE_NAME</c> gives another.</param>
    /// <param name="onLambda">Whether the log is JSON by default.</param>
    /// <param name="scopes">Whether a line of text tells its scopes too; one of JSON always does.</param>
    public static ProcessOptions AddProcess(this IHostApplicationBuilder builder, SettingsBinder settings, string service, bool onLambda,
        bool scopes)
    {
        var options = settings.Bind(new ProcessOptions { LogFormat = onLambda ? LogFormat.Json : LogFormat.Text },
            new ProcessOptionsValidator());
        builder.AddLog(options.LogFormat, scopes);
        if (options.OtlpEndpoint is { } endpoint)
        {
            // The exporter reads it itself, in this spelling alone.
            builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.OriginalString;
            builder.Services.AddTelemetry(service);
        }

        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = options.WorkBound;
            // One after the other, a slow download would take the worker's time, which could then neither store nor give back.
            host.ServicesStopConcurrently = true;
            // Each has its own care for what fails; what it has overlooked must not end the others.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        return options;
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
