namespace VmDataset.Pipeline.Planning;

/// <summary>One generator's part of a job, as the simulator takes it.</summary>
public sealed record SimulatedWork
{
    /// <summary>Samples to draw, 1 or more.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples a message, 1 or more.</summary>
    public required int BatchSize { get; init; }

    /// <summary>vCPU seconds a sample, the worker's own share included.</summary>
    public required SampleTime Time { get; init; }

    /// <summary>The share of draws that fail, 0 to 1. A failed sample is tried three times in all.</summary>
    public double FailureShare { get; init; }

    /// <summary>PUTs a sample: its files in the <c>files</c> format, 0 in a shard.</summary>
    public double PutsPerSample { get; init; }

    /// <summary>Bytes a sample that are uploaded when its batch is drawn: its size in a shard, 0 in the <c>files</c> format.</summary>
    public double ShardBytesPerSample { get; init; }
}
