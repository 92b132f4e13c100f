using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>The checks' latest results, kept for a few seconds. One run serves all callers: anybody may ask, and often.</summary>
internal sealed class Readiness(HealthCheckService checks, TimeProvider time)
{
    /// <summary>How long a result is given out.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    /// <summary>How long a caller waits. Checks that ignore their own limit go on, and no others begin beside them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    private readonly Lock _lock = new();
    private Task<HealthReport>? _report;
    private DateTimeOffset _at;

    /// <returns>Null if the checks do not come to an end.</returns>
    public async Task<HealthReport?> ReadAsync(CancellationToken cancellationToken)
    {
        Task<HealthReport> report;
        lock (_lock)
        {
            if (_report is null || (_report.IsCompleted && time.GetUtcNow() - _at >= Freshness)) (_report, _at) =
                (RunAsync(), time.GetUtcNow());
            report = _report;
        }

        try
        {
            return await report.WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task<HealthReport> RunAsync()
    {
        await Task.Yield();
        var report = await checks.CheckHealthAsync(CancellationToken.None);
        lock (_lock) _at = time.GetUtcNow();
        return report;
    }
}
