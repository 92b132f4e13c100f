using System.Diagnostics.Metrics;

namespace VmDataset.Pipeline.Telemetry;

/// <summary>Where spans and figures come from. Both cost next to nothing until somebody listens; docs/observability.md lists them
/// all.</summary>
public static class Instrumentation
{
    /// <summary>The name that listeners ask for.</summary>
    public const string Name = "VmDataset";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);
}
