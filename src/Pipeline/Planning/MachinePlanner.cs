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
    public static MachinePlan Plan(PlannedJob job, int lanes)
    {
        var likely = LaneSeconds(job, static _ => 1);
        var laneSeconds = new Estimate(LaneSeconds(job, static each => each.Low), likely, LaneSeconds(job, static each => each.High));
        // The last samples of all keep some lanes waiting: half a sample each, on average.
        var tail = job.Generators.Max(static generator => generator.Calibration.MeanSeconds) / 2;
        var usable = (int)Math.Min(lanes, job.TotalSamples);
        return new MachinePlan
        {
            Lanes = lanes,
            Seconds = laneSeconds.Select(each => StartSeconds + (each / usable) + tail + (job.Batches * SecondsPerBatch)),
            LaneSeconds = laneSeconds,
            BestBatchSize = BatchSizing.Best(job.Samples, job.Generators.Count, likely / job.TotalSamples / lanes, 1),
        };
    }

    private static double LaneSeconds(PlannedJob job, Func<(double Low, double High), double> factor) => job.Generators.Sum(generator =>
        job.Samples * ((generator.Calibration.MeanSeconds * factor(generator.Calibration.Uncertainty)) + LaneSecondsPerSample));
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
