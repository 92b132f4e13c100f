using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace VmDataset.Worker.Telemetry;

/// <summary>Sends what is collected before the process is frozen, within a bound: work is not to wait for its telemetry.</summary>
internal sealed class TelemetryFlush(TracerProvider traces, MeterProvider metrics, LoggerProvider logs, ExportFailures failures,
    TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);
    // Before the host's own deadline something must be left for the answer.
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(1);

    private Task _flush = Task.CompletedTask;

    public async Task RunAsync(DateTimeOffset deadline)
    {
        var left = deadline - time.GetUtcNow() - Reserve;
        // A collector that held up the event before is not waited for again until it has answered.
        if (!_flush.IsCompleted || left <= TimeSpan.Zero) return;
        var bound = left < Bound ? left : Bound;
        var milliseconds = (int)bound.TotalMilliseconds;
        // Each blocks its thread, and that for metrics takes no notice of its bound.
        _flush = Task.WhenAll(Task.Run(() => traces.ForceFlush(milliseconds)), Task.Run(() => metrics.ForceFlush(milliseconds)),
            Task.Run(() => logs.ForceFlush(milliseconds)));
        try
        {
            await _flush.WaitAsync(bound, time);
        }
        catch (TimeoutException)
        {
            failures.Tell($"the collector did not take it within {bound.TotalSeconds:0.#} s");
        }
    }
}
