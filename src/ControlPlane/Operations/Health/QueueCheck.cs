using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

internal sealed class QueueCheck(IBatchQueue queue) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return HealthCheckResult.Healthy(depth is null ? "It answers."
            : $"{depth.Queued} messages wait, {depth.InFlight} are in work, {depth.Dead} were given up.");
    }
}
