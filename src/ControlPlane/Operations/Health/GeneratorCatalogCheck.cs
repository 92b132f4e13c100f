using Microsoft.Extensions.Diagnostics.HealthChecks;
using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Never worse than degraded: finished jobs can be seen without a generator.</summary>
internal sealed class GeneratorCatalogCheck(IGeneratorCatalog catalog, GeneratorDirectory directory) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (catalog is GeneratorCatalog folder && !Directory.Exists(folder.Root)) return HealthCheckResult.Degraded(
            "The generators directory does not exist: no job can be made.");
        var all = await directory.ListAsync(cancellationToken);
        var usable = all.Count(static generator => generator.Usable);
        var detail = $"{usable} of {all.Length} generators are usable.";
        return usable == 0 ? HealthCheckResult.Degraded(detail) : HealthCheckResult.Healthy(detail);
    }
}
