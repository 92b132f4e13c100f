using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

internal sealed class RuntimeCheck(IGeneratorRuntime? runtime = null) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (runtime is null) return HealthCheckResult.Healthy("This process runs no generators; its jobs wait for other workers.");
        var status = await runtime.GetStatusAsync(cancellationToken);
        if (status.Problem is { } problem) return HealthCheckResult.Unhealthy(problem);
        return status.MissingModules.Count == 0
            ? HealthCheckResult.Healthy(
                $"Generators run with {status.Python}{(status.Sandbox is { } sandbox ? $", {sandbox.Detail}" : "")}.")
            : HealthCheckResult.Degraded(
                $"{status.Python} lacks {string.Join(", ", status.MissingModules)}: generators that need it cannot be used.{(status.Sandbox is { } confined ? $" Generators run {confined.Detail}." : "")}");
    }
}
