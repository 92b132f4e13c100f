namespace VmDataset.Pipeline.Planning;

/// <summary>What happens in a fleet, and what none of a job's settings says.</summary>
public sealed record SimulationOptions
{
    /// <summary>Makes a run repeatable.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Seconds from an invocation to its first sample in a new environment. Assumed: a 2 GB image and Python's imports.</summary>
    public double ColdStartSeconds { get; init; } = 8;

    /// <summary>vCPU seconds a message beside its samples. Measured: 0.15 to 0.25.</summary>
    public double MessageCpuSeconds { get; init; } = 0.2;

    /// <summary>Seconds a message waits for S3 and SQS. Assumed: six calls of 50 ms.</summary>
    public double MessageWaitSeconds { get; init; } = 0.3;

    /// <summary>Bytes a second at which a shard goes up. Assumed.</summary>
    public double UploadBytesPerSecond { get; init; } = 60e6;

    /// <summary>PUTs a second that one partition of a bucket's keys takes (S3 user guide, "Optimizing Amazon S3 performance").</summary>
    public double PutsPerSecond { get; init; } = 3_500;

    /// <summary>The share of messages whose worker dies in their middle, 0 to 1. The queue delivers them again a minute later.</summary>
    public double CrashShare { get; init; }

    /// <summary>
    /// Samples beyond which several are drawn as one: a run of 2,000,000 samples with 2,000,000 here takes seconds, with 200,000 a tenth of
    /// that at nearly the same result.
    /// </summary>
    public int MaxEvents { get; init; } = 200_000;
}
