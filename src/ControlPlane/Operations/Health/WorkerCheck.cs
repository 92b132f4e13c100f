using Microsoft.Extensions.Diagnostics.HealthChecks;
using VmDataset.Worker.Samples;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Degraded when a draw or a reading in this process hangs, unhealthy when all that are in work do.</summary>
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
