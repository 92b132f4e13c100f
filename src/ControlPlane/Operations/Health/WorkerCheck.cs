using Microsoft.Extensions.Diagnostics.HealthChecks;
using VmDataset.Worker.Samples;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Whether the worker in this process gets on: degraded when a draw or a reading hangs, unhealthy when all that is in work
/// does.</summary>
internal sealed class WorkerCheck(WorkerProgress? progress = null) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(progress is null ? HealthCheckResult.Healthy("This process has no worker.") : Of(progress.Read()));

    private static HealthCheckResult Of(WorkerProgressFigures figures)
    {
        if (figures.Overdue is not [var oldest, ..]) return HealthCheckResult.Healthy($"{figures.InWork} samples are in work.");
        var detail = FormattableString.Invariant(
            $"{figures.Overdue.Count} of {figures.InWork} samples in work hang: {oldest.What} for {oldest.Elapsed.TotalSeconds:0} s, allowed are {oldest.Limit.TotalSeconds:0} s.");
        return figures.Overdue.Count == figures.InWork && figures.SinceLastEnd > oldest.Limit ? HealthCheckResult.Unhealthy(detail)
            : HealthCheckResult.Degraded(detail);
    }
}
