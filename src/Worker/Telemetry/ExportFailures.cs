using System.Diagnostics.Tracing;

namespace VmDataset.Worker.Telemetry;

/// <summary>Says in the log, once, that the collector does not take the telemetry: the exporter tells it to an event source
/// alone.</summary>
internal sealed partial class ExportFailures(ILogger<ExportFailures> logger) : EventListener, IHostedService
{
    private int _told;

    public void Tell(string reason)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0) Log.Failed(logger, reason);
    }

    // Hosted so that it is there from the start.
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(eventSource, EventLevel.Warning);
    }

    // Below the first line is the exporter's own stack.
    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        Tell(string.Format(CultureInfo.InvariantCulture, eventData.Message ?? "", [.. eventData.Payload ?? []]).Split('\n')[0].TrimEnd());

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Telemetry may be lost (said once): {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
