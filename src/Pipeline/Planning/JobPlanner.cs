using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>Says what a job will take on the AWS stack, before it runs.</summary>
public static class JobPlanner
{
    /// <summary>
    /// vCPU seconds of the worker itself a sample: check, hash and upload. Measured: 9 to 13 ms in the <c>files</c> format, 4 to 6 ms in a
    /// shard.
    /// </summary>
    public static double WorkerSeconds(OutputFormat format) => format == OutputFormat.Files ? 0.011 : 0.005;

    /// <param name="job">What is wanted.</param>
    /// <param name="fleet">What is to draw it.</param>
    /// <param name="prices">The price list.</param>
    /// <param name="region">One of its regions.</param>
    /// <param name="options">How it is simulated; null for the defaults.</param>
    /// <exception cref="ArgumentException">There are no prices for the region.</exception>
    public static JobPlan Plan(PlannedJob job, Fleet fleet, PriceList prices, string region, SimulationOptions? options = null)
    {
        var regional = prices.For(region);
        var (low, likely, high) = (Simulate(job, fleet, options, static each => each.Low), Simulate(job, fleet, options, static _ => 1),
            Simulate(job, fleet, options, static each => each.High));
        var lines = Lines(job, fleet, regional, likely);
        return new JobPlan
        {
            Fleet = fleet,
            Seconds = new Estimate(low.Seconds, likely.Seconds, high.Seconds),
            FunctionSeconds = new Estimate(low.FunctionSeconds, likely.FunctionSeconds, high.FunctionSeconds),
            Usd = new Estimate(Sum(Lines(job, fleet, regional, low)), Sum(lines), Sum(Lines(job, fleet, regional, high))),
            Lines = lines,
            Storage = CostModel.Storage(regional, job.Bytes),
            FreeTier = CostModel.Free(prices.FreeTier, lines),
            SecondsPerMessage = likely.FunctionSeconds / Math.Max(1, likely.Invocations),
            BestBatchSize = BestBatchSize(job, fleet),
            Warnings = PlanWarnings.Of(job, fleet, likely),
            Simulated = likely,
        };
    }

    /// <summary>Runs the simulator for a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fleet">What draws it.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="factor">The factor on a generator's seconds, from its uncertainty.</param>
    public static SimulationResult Simulate(
        PlannedJob job, Fleet fleet, SimulationOptions? options, Func<(double Low, double High), double> factor) =>
        FleetSimulator.Run([.. job.Generators.Select(generator => Work(job, generator,
            factor(generator.Calibration.Uncertainty)))], fleet, options);

    /// <summary>The cost of a simulated run, line by line.</summary>
    public static IReadOnlyList<CostLine> Lines(PlannedJob job, Fleet fleet, RegionPrices prices, SimulationResult simulated) =>
        CostModel.Lines(fleet, prices, simulated, CallCounts.Of(job, fleet, simulated, simulated.Seconds / PlannedJob.PollSeconds));

    /// <summary>The batch size that suits the fleet.</summary>
    public static int BestBatchSize(PlannedJob job, Fleet fleet) => BatchSizing.Best(job.AverageSamples, job.Generators.Count,
        job.Generators.Average(generator => TimeOf(job, generator.Calibration).Mean) / fleet.Cpus, fleet.Concurrency);

    /// <summary>vCPU seconds of a sample, with those of the worker.</summary>
    public static SampleTime TimeOf(PlannedJob job, GeneratorCalibration calibration) =>
        new((calibration.MedianSeconds * (calibration.CpuShare ?? 1)) + WorkerSeconds(job.OutputFormat), calibration.Spread);

    /// <summary>Dollars of all lines together.</summary>
    public static double Sum(IReadOnlyList<CostLine> lines) => lines.Sum(static line => line.Usd);

    private static SimulatedWork Work(PlannedJob job, PlannedGenerator generator, double factor)
    {
        var calibration = generator.Calibration;
        var isFiles = job.OutputFormat == OutputFormat.Files;
        return new SimulatedWork
        {
            Samples = job.SamplesOf(generator),
            BatchSize = job.BatchSize,
            Time = TimeOf(job, calibration).Scaled(factor),
            FailureShare = calibration.FailureShare,
            PutsPerSample = isFiles ? calibration.FilesPerSample : 0,
            ShardBytesPerSample = isFiles ? 0 : calibration.BytesPerSample,
        };
    }
}
