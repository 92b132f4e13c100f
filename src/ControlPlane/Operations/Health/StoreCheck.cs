using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Reads; whether the store can be written, <see cref="StoreProbe"/> finds out.</summary>
internal sealed class StoreCheck(IObjectStore store, StoreProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in store.ListAsync(ObjectKeys.SubmittedPrefix, cancellationToken: cancellationToken)) break;
        if (probe.Failure is { } failure) return HealthCheckResult.Unhealthy("It can be read and not be written.", failure);
        return HealthCheckResult.Healthy(probe.HasRun ? "It can be read and written." : "It can be read.");
    }
}
