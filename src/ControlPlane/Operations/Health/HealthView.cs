using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>Whether the process works.</summary>
public sealed record HealthView
{
    /// <summary>The worst of the checks: <c>healthy</c>, <c>degraded</c> (works, but see the checks) or <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One entry per check: store, queue, runtime, worker, generators; <c>all</c> alone if they do not come to an end; none for the question whether the process lives.</summary>
    public required IReadOnlyDictionary<string, HealthCheckView> Checks { get; init; }
}

/// <summary>A check's outcome.</summary>
public sealed record HealthCheckView
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>What was found.</summary>
    /// <example>It can be read and written.</example>
    public required string Detail { get; init; }
}
