using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>What a job or message may ask for; the API's error texts and its OpenAPI document quote these.</summary>
public static class JobLimits
{
    public const int MaxGenerators = 1_000;

    public const int MaxSamples = 10_000_000;

    public const int MaxBatchSize = 10_000;

    /// <summary>Messages of one job. A job that needs more asks for a larger batch size.</summary>
    public const int MaxBatches = 1_000_000;

    /// <summary>The index after the last one that a sample may have.</summary>
    public const int MaxIndexEnd = SampleRange.MaxEnd;

    /// <summary>Base seed and <c>base seed + index</c> both stay within 0 and this, the range of the generators' <c>--seed</c>.</summary>
    public const int MaxSeed = int.MaxValue;

    /// <summary>How often a range is tried before it rests in the dead-letter queue.</summary>
    public const int MaxAttempts = 3;

    /// <summary>Dollars that a job may be allowed.</summary>
    public const int MaxCostUsd = 1_000_000;

    /// <summary>Seconds that a job may be allowed: a year.</summary>
    public const int MaxDeadlineSeconds = 31_536_000;

    /// <summary>Seconds that a sample may be given.</summary>
    public const int MaxTimeoutSeconds = 86_400;
}
