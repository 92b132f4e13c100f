namespace VmDataset.Pipeline.Planning;

/// <summary>The Lambda function that draws samples, and the mapping that feeds it. The defaults are those of the AWS stack.</summary>
public sealed record Fleet
{
    /// <summary>MB of memory that come with one vCPU (Lambda developer guide, "Configure Lambda function memory").</summary>
    public const int MbPerCpu = 1_769;

    public const int MinMemoryMb = 128;
    public const int MaxMemoryMb = 10_240;

    /// <summary>A mapping's maximum concurrency goes no further (Lambda developer guide, "Configuring scaling behavior for SQS").</summary>
    public const int MaxMaximumConcurrency = 1_000;

    /// <summary>Pollers that a mapping may be given.</summary>
    public const int MaxPollers = 2_000;

    /// <summary>Messages that one provisioned poller has under way.</summary>
    public const int MessagesPerPoller = 10;

    /// <summary>MB, 128 to 10,240.</summary>
    public int MemoryMb { get; init; } = MbPerCpu;

    public FunctionArchitecture Architecture { get; init; }

    public ScalingMode ScalingMode { get; init; }

    /// <summary>Messages under way at most in the mode <see cref="ScalingMode.MaximumConcurrency"/>: 2 to 1,000.</summary>
    public int MaximumConcurrency { get; init; } = 900;

    /// <summary>Pollers from the first second in the mode <see cref="ScalingMode.ProvisionedPollers"/>: 2 to 200.</summary>
    public int MinimumPollers { get; init; } = 2;

    /// <summary>Pollers at most in that mode: 2 to 2,000.</summary>
    public int MaximumPollers { get; init; } = 100;

    /// <summary>
    /// Functions that the account lets run at once, all of its functions together: 1 or more. New accounts have 10 to 50.
    /// </summary>
    public int AccountConcurrency { get; init; } = 1_000;

    /// <summary>Seconds until Lambda ends an invocation: 60 to 900.</summary>
    public double TimeoutSeconds { get; init; } = 900;

    /// <summary>Seconds after which the worker kills a sample.</summary>
    public double SampleTimeoutSeconds { get; init; } = 120;

    /// <summary>MB of /tmp: 512 to 10,240, of which 512 are free.</summary>
    public int EphemeralStorageMb { get; init; } = 2_048;

    /// <summary>Deliveries of a message after which it goes to the dead-letter queue.</summary>
    public int MaxReceives { get; init; } = 10;

    /// <summary>Seconds after which a message that was received and not worked on is visible again.</summary>
    public double VisibilitySeconds { get; init; } = 900;

    /// <summary>Seconds between two checks for a halt, each a LIST, while a message is worked on (<c>HALT_CHECK_SECONDS</c>).</summary>
    public double HaltCheckSeconds { get; init; } = 15;

    /// <summary>vCPUs: the part of the memory that makes one.</summary>
    public double Cpus => MemoryMb / (double)MbPerCpu;

    /// <summary>Samples that a function draws at once: one for each vCPU or part of one.</summary>
    public int Lanes => (MemoryMb + MbPerCpu - 1) / MbPerCpu;

    /// <summary>The part of a vCPU that a lane has while all of them draw: above 0, at most 1.</summary>
    public double LaneSpeed => Math.Min(1, Cpus / Lanes);

    /// <summary>Messages that the mapping would have under way at most.</summary>
    public int MappingConcurrency => ScalingMode == ScalingMode.ProvisionedPollers ? MessagesPerPoller * MaximumPollers
        : MaximumConcurrency;

    /// <summary>Functions that run at once at most.</summary>
    public int Concurrency => Math.Min(MappingConcurrency, AccountConcurrency);
}

/// <summary>The processor architecture of the function.</summary>
public enum FunctionArchitecture
{
    /// <summary>Intel or AMD.</summary>
    [JsonStringEnumMemberName("x86_64")]
    X8664,

    /// <summary>Graviton. A plan takes a sample to need as long as on x86, which has not been measured.</summary>
    [JsonStringEnumMemberName("arm64")]
    Arm64,
}

/// <summary>The way in which the mapping from SQS to Lambda grows; AWS allows one of them.</summary>
public enum ScalingMode
{
    /// <summary>Starts with 5 messages at once and adds up to 300 a minute.</summary>
    MaximumConcurrency,

    /// <summary>Starts with 10 messages for each minimum poller and adds up to 1,000 a minute; costs by the hour.</summary>
    ProvisionedPollers,
}
