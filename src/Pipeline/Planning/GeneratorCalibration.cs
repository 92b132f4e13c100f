using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>What a sample of a generator takes, as far as it is known.</summary>
public sealed record GeneratorCalibration
{
    // What is older counts less, so that a faster machine or version shows within a job or two.
    private const long MostRemembered = 1_000;

    // A spread of fewer samples says nothing.
    private const int LeastForSpread = 5;

    // From the median absolute deviation to the standard deviation, of a normal distribution.
    private const double MadToDeviation = 1.4826;

    // Of fewer samples, those that a lane draws first, while it imports the generator's modules, are a part that counts.
    private const int Few = 50;

    /// <summary>
    /// The calibration of a generator that was never measured: a choice between the built-in generators (0.06 to 0.09 vCPU seconds, 20 to
    /// 79 kB) and three real ones (0.10 to 0.25; 170 kB).
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

    /// <summary>Seconds of a lane for a sample: half of the samples take longer. Above 0.</summary>
    public required double MedianSeconds { get; init; }

    /// <summary>The standard deviation of the logarithm of these seconds: 0 to 3.</summary>
    public required double Spread { get; init; }

    /// <summary>
    /// vCPU seconds in a lane's second: below 1 where the lane waited for a processor, as in a function of less than one, and above where
    /// the generator uses several. Null if nobody measured it; then 1.
    /// </summary>
    public double? CpuShare { get; init; }

    /// <summary>Files a sample, on average.</summary>
    public required double FilesPerSample { get; init; }

    /// <summary>Bytes of these files, on average.</summary>
    public required double BytesPerSample { get; init; }

    /// <summary>MB that a sample's process held at most; null if nobody measured it.</summary>
    public double? MemoryMb { get; init; }

    /// <summary>The share of draws that fail: 0 to 1.</summary>
    public double FailureShare { get; init; }

    /// <summary>The generator's version that was measured; null if that is not known.</summary>
    public string? Version { get; init; }

    /// <summary>When; null with the basis <see cref="PlanBasis.Default"/>.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }

    /// <summary>The job that was measured last; null if it was none.</summary>
    public string? JobId { get; init; }

    /// <summary>Seconds of a lane, on average over the samples.</summary>
    [JsonIgnore]
    public double MeanSeconds => MedianSeconds * Math.Exp(Spread * Spread / 2);

    /// <summary>The factors by which the seconds may be off, down and up.</summary>
    [JsonIgnore]
    public (double Low, double High) Uncertainty => Basis switch
    {
        PlanBasis.Measured => (0.85, 1.2),
        PlanBasis.Trial => (0.6, 1.8),
        PlanBasis.Default => (0.4, 3),
        _ => throw new InvalidOperationException($"Unknown basis {Basis}."),
    };

    /// <summary>A calibration from single samples.</summary>
    /// <param name="seconds">Seconds of a lane for each, one or more.</param>
    /// <param name="basis">Where they come from.</param>
    /// <param name="at">When they were drawn.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static GeneratorCalibration Of(IReadOnlyCollection<double> seconds, PlanBasis basis, DateTimeOffset at)
    {
        if (seconds.Count == 0) throw new ArgumentException("seconds is empty; allowed: one sample or more.", nameof(seconds));
        // The clock's resolution, as nothing has no logarithm.
        var logs = seconds.Select(static each => Math.Log(Math.Max(each, 0.001))).ToArray();
        var isFew = logs.Length < Few;
        var middle = isFew ? Median(logs) : logs.Average();
        var spread = logs.Length < LeastForSpread ? Default.Spread : Math.Min(3, isFew
            ? MadToDeviation * Median([.. logs.Select(each => Math.Abs(each - middle))])
            : Math.Sqrt(logs.Sum(each => (each - middle) * (each - middle)) / (logs.Length - 1)));
        var calibration = Default with
        {
            Basis = basis,
            Samples = seconds.Count,
            Spread = spread,
            MedianSeconds = Math.Exp(middle),
            MeasuredAt = at,
        };
        return isFew ? calibration : calibration.WithMean(Math.Max(0.001, seconds.Average()));
    }

    /// <summary>This one and an older one of the same generator together; of another version the older one is worth nothing.</summary>
    public GeneratorCalibration After(GeneratorCalibration? older)
    {
        if (older is null || older.Version != Version || older.Basis != Basis) return this;
        var weight = Math.Min(older.Samples, MostRemembered - Math.Min(Samples, MostRemembered / 2));
        double Both(double mine, double its) => ((mine * Samples) + (its * weight)) / (Samples + weight);
        return (this with
        {
            Samples = Samples + weight,
            Spread = Both(Spread, older.Spread),
            CpuShare = CpuShare is { } mine && older.CpuShare is { } its ? Both(mine, its) : CpuShare ?? older.CpuShare,
            FilesPerSample = Both(FilesPerSample, older.FilesPerSample),
            BytesPerSample = Both(BytesPerSample, older.BytesPerSample),
            MemoryMb = MemoryMb is { } a && older.MemoryMb is { } b ? Math.Max(a, b) : MemoryMb ?? older.MemoryMb,
            FailureShare = Both(FailureShare, older.FailureShare),
        }).WithMean(Both(MeanSeconds, older.MeanSeconds));
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // The mean is what a job's sum depends on, so the median is that of a log-normal distribution with this mean.
    private GeneratorCalibration WithMean(double seconds) => this with { MedianSeconds = seconds / Math.Exp(Spread * Spread / 2) };
}
