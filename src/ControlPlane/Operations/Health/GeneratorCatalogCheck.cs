using Microsoft.Extensions.Diagnostics.HealthChecks;
using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Never worse than degraded: finished jobs can be seen without a generator.</summary>
internal sealed class GeneratorCatalogCheck(IGeneratorCatalog catalog, GeneratorDirectory directory) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Which one, only this machine may know.
        if (catalog is GeneratorCatalog { Folders: var folders }
            && folders.Count(static folder => !Directory.Exists(folder)) is > 0 and var gone)
            return HealthCheckResult.Degraded(folders.Count == 1 ? "The generators directory does not exist: no job can be made."
                : $"{gone} of the {folders.Count} folders in GENERATORS_DIR do not exist: no job can be made with their generators.");
        var all = await directory.ListAsync(cancellationToken);
        var usable = all.Count(static generator => generator.Usable);
        var detail = $"{usable} of {all.Length} generators are usable.";
        return usable == 0 ? HealthCheckResult.Degraded(detail) : HealthCheckResult.Healthy(detail);
    }
}
