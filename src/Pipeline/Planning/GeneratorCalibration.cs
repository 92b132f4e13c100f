namespace VmDataset.Pipeline.Planning;

/// <summary>What a sample of a generator takes, as far as it is known.</summary>
public sealed record GeneratorCalibration
{
    /// <summary>
    /// The calibration of a generator that was never measured: the middle of the eight built-in generators (bench/README.md, "Plans").
    /// </summary>
    public static GeneratorCalibration Default { get; } = new()
    {
        Basis = PlanBasis.Default,
        Samples = 0,
        MedianSeconds = 0.12,
        Spread = 0.5,
        FilesPerSample = 5,
        BytesPerSample = 170_000,
    };

    /// <summary>Where the figures come from.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>Samples that were measured: 0 with the basis <see cref="PlanBasis.Default"/>.</summary>
    public required long Samples { get; init; }

    /// <summary>vCPU seconds of a lane for a sample: half of the samples take longer. Above 0.</summary>
    public required double MedianSeconds { get; init; }

    /// <summary>The standard deviation of the logarithm of these seconds: 0 to 3.</summary>
    public required double Spread { get; init; }

    /// <summary>Files a sample, on average.</summary>
    public required double FilesPerSample { get; init; }

    /// <summary>Bytes of these files, on average.</summary>
    public required double BytesPerSample { get; init; }

    /// <summary>MB that a sample's process took at most; null if nobody measured it.</summary>
    public double? MemoryMb { get; init; }

    /// <summary>The share of draws that fail: 0 to 1.</summary>
    public double FailureShare { get; init; }

    /// <summary>The generator's version that was measured; null if that is not known.</summary>
    public string? Version { get; init; }

    /// <summary>When; null with the basis <see cref="PlanBasis.Default"/>.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }

    /// <summary>The factors by which the seconds may be off, down and up.</summary>
    public (double Low, double High) Uncertainty => Basis switch
    {
        PlanBasis.Measured => (0.85, 1.2),
        PlanBasis.Trial => (0.6, 1.8),
        PlanBasis.Default => (0.4, 3),
        _ => throw new InvalidOperationException($"Unknown basis {Basis}."),
    };

    /// <summary>A calibration from single samples.</summary>
    /// <param name="seconds">vCPU seconds of each, one or more.</param>
    /// <param name="files">Files of all together.</param>
    /// <param name="bytes">Bytes of all together.</param>
    /// <param name="basis">Where they come from.</param>
    /// <param name="at">When they were drawn.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static GeneratorCalibration Of(IReadOnlyCollection<double> seconds, long files, long bytes, PlanBasis basis, DateTimeOffset at)
    {
        if (seconds.Count == 0) throw new ArgumentException("seconds is empty; allowed: one sample or more.", nameof(seconds));
        // A sample that takes less than the clock shows would have no logarithm.
        var logs = seconds.Select(static each => Math.Log(Math.Max(each, 0.001))).Order().ToArray();
        var mean = Math.Max(0.001, seconds.Average());
        var middle = logs.Average();
        var spread = logs.Length < 5 ? Default.Spread
            : Math.Min(3, Math.Sqrt(logs.Sum(each => (each - middle) * (each - middle)) / (logs.Length - 1)));
        return new GeneratorCalibration
        {
            Basis = basis,
            Samples = seconds.Count,
            // The mean is what a job's sum depends on, so the median is that of a log-normal distribution with this mean.
            MedianSeconds = mean / Math.Exp(spread * spread / 2),
            Spread = spread,
            FilesPerSample = (double)files / seconds.Count,
            BytesPerSample = (double)bytes / seconds.Count,
            MeasuredAt = at,
        };
    }
}

/// <summary>The source of a generator's figures in a plan.</summary>
public enum PlanBasis
{
    /// <summary>Samples of jobs that ended.</summary>
    Measured,

    /// <summary>A few samples drawn to try the generator, each in a process of its own.</summary>
    Trial,

    /// <summary>Nothing is known of the generator; the figures are those of an average one.</summary>
    Default,
}
