using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>Says what a job will take on one machine, whose lanes draw side by side.</summary>
public static class MachinePlanner
{
    // Measured on two cores (bench/README.md, "Plans"): lanes and server until the first sample, what a lane waits for between two samples,
    // and a batch's lease, look-ups and manifest.
    private const double StartSeconds = 0.2;
    private const double LaneSecondsPerSample = 0.003;
    private const double SecondsPerBatch = 0.01;

    /// <param name="job">What is wanted.</param>
    /// <param name="lanes">Samples that are drawn at once, 1 or more.</param>
    /// <param name="cpuShare">
    /// Processor seconds in a lane's second at present, above 0: the machine is taken to stay as busy as it is. Null where nobody knows;
    /// then it is taken to be as busy as when each generator was measured.
    /// </param>
    public static MachinePlan Plan(PlannedJob job, int lanes, double? cpuShare = null)
    {
        var likely = LaneSeconds(job, cpuShare, static _ => 1);
        var laneSeconds = new Estimate(
            LaneSeconds(job, cpuShare, static each => each.Low), likely, LaneSeconds(job, cpuShare, static each => each.High));
        // The last samples of all keep some lanes waiting: half a sample each, on average.
        var tail = job.Generators.Max(static generator => generator.Calibration.MeanSeconds) / 2;
        var usable = (int)Math.Min(lanes, job.TotalSamples);
        return new MachinePlan
        {
            Lanes = lanes,
            Seconds = laneSeconds.Select(each => StartSeconds + (each / usable) + tail + (job.Batches * SecondsPerBatch)),
            LaneSeconds = laneSeconds,
            BestBatchSize = BatchSizing.Best(job.AverageSamples, job.Generators.Count, likely / job.TotalSamples / lanes, 1),
        };
    }

    private static double LaneSeconds(PlannedJob job, double? cpuShare, Func<(double Low, double High), double> factor) =>
        job.Generators.Sum(generator => job.SamplesOf(generator)
            * ((Seconds(generator.Calibration, cpuShare) * factor(generator.Calibration.Uncertainty)) + LaneSecondsPerSample));

    private static double Seconds(GeneratorCalibration calibration, double? cpuShare) =>
        calibration.MeanSeconds * (calibration.CpuShare is { } then && cpuShare is { } now ? then / now : 1);
}

/// <summary>What a job will take on one machine.</summary>
public sealed record MachinePlan
{
    /// <summary>Samples that are drawn at once.</summary>
    public required int Lanes { get; init; }

    /// <summary>Seconds from the submission to the last manifest, if the machine has nothing else to do.</summary>
    public required Estimate Seconds { get; init; }

    /// <summary>Seconds of all lanes together.</summary>
    public required Estimate LaneSeconds { get; init; }

    /// <summary>The batch size that suits the machine.</summary>
    public required int BestBatchSize { get; init; }
}
