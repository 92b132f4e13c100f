using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>The health of the process.</summary>
public sealed record HealthView
{
    /// <summary>The worst state of all checks: <c>healthy</c>, <c>degraded</c> (the process works; see the checks) or
    /// <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One entry per check: store, queue, runtime, worker, generators. Only <c>all</c> if the checks do not end; empty for the
    /// liveness check.</summary>
    public required IReadOnlyDictionary<string, HealthCheckView> Checks { get; init; }
}

/// <summary>The result of a check.</summary>
public sealed record HealthCheckView
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>The finding.</summary>
    /// <example>It can be read and written.</example>
    public required string Detail { get; init; }
}
