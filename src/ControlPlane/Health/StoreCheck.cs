using Microsoft.Extensions.Diagnostics.HealthChecks;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Health;

internal sealed class StoreCheck(IObjectStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var key = ObjectKeys.HealthProbe();
        using var content = new MemoryStream([1]);
        await store.PutAsync(key, content, cancellationToken: cancellationToken);
        await store.DeleteAsync(key, cancellationToken);
        return HealthCheckResult.Healthy("It can be written.");
    }
}
