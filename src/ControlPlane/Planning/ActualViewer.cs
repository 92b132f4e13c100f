using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Planning;

/// <summary>Puts what a job took beside what it was expected to take.</summary>
internal sealed class ActualViewer(UsageReader usage, PlanningOptions options, PriceList prices, TimeProvider time)
{
    /// <summary>Null for a job without a plan, and before the first finished sample.</summary>
    public async Task<ActualView?> ViewAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (job.Plan is not { } plan) return null;
        var generators = await usage.ReadAsync(job, read, cancellationToken);
        if (generators.Count == 0) return null;
        var laneSeconds = generators.Sum(static each => each.LaneSeconds);
        var end = read.Ended ? read.LastChangeAt ?? job.CreatedAt : time.GetUtcNow();
        var seconds = Math.Max(0, (end - job.CreatedAt).TotalSeconds);
        var functionSeconds = plan.Usd is null ? (double?)null : FunctionSeconds(laneSeconds, plan, read.Batches.Done);
        var usd = functionSeconds is { } paid ? Usd(job, plan, read, generators, seconds, paid) : (double?)null;
        // A job that was halted did not do what was planned.
        var isWhole = read.Ended && read.Samples.Left == 0 && read.Samples.Done > 0;
        return new ActualView
        {
            Seconds = Math.Round(seconds, 1),
            CoreMinutes = plan.Usd is null ? Math.Round(laneSeconds / 60, 2) : null,
            FunctionSeconds = functionSeconds is { } each ? Math.Round(each, 1) : null,
            CostUsd = usd is { } dollars ? Math.Round(dollars, 4) : null,
            MeasuredSamples = generators.Sum(static generator => generator.Measured),
            Generators = [.. generators.Select(generator => View(job, plan, generator))],
            SecondsErrorPercent = isWhole ? Percent(seconds, plan.Seconds.Likely) : null,
            CostErrorPercent = !isWhole ? null : usd is { } actual ? Percent(actual, plan.Usd!.Likely)
                : Percent(laneSeconds, plan.LaneSeconds.Likely),
        };
    }

    private static ActualGeneratorView View(Job job, PlanRecord plan, GeneratorUsage usage)
    {
        var at = job.Generators.TakeWhile(generator => generator.Name != usage.Name).Count();
        return new ActualGeneratorView
        {
            Name = usage.Name,
            Samples = usage.Samples,
            Failed = usage.Failed,
            SecondsPerSample = Math.Round(usage.SecondsPerSample, 4),
            PlannedSecondsPerSample = at < plan.SecondsPerSample.Count ? plan.SecondsPerSample[at] : null,
        };
    }

    // What a message takes beside its samples, and no cold start: nobody has counted those.
    private static double FunctionSeconds(double laneSeconds, PlanRecord plan, long batches)
    {
        var (simulated, fleet) = (new SimulationOptions(), new Fleet { MemoryMb = plan.MemoryMb!.Value });
        var perMessage = (simulated.MessageCpuSeconds / Math.Min(1, fleet.Cpus)) + simulated.MessageWaitSeconds;
        return (laneSeconds / plan.Lanes) + (batches * perMessage);
    }

    private double Usd(
        Job job, PlanRecord plan, JobProgress read, IReadOnlyList<GeneratorUsage> usage, double seconds, double functionSeconds)
    {
        var fleet = options.Fleet with { MemoryMb = plan.MemoryMb!.Value };
        var planned = new PlannedJob
        {
            Generators = [.. job.Generators.Select(generator => new PlannedGenerator(generator.Name, Calibration(
                usage.FirstOrDefault(each => each.Name == generator.Name), job.SamplesOf(generator)), generator.Samples))],
            Samples = job.Samples,
            BatchSize = job.BatchSize,
            OutputFormat = job.OutputFormat,
            ShardsPerBatch = job.Splits?.Shares.Count ?? 1,
        };
        return JobPlanner.Sum(JobPlanner.Lines(planned, fleet, prices.For(plan.Region!), new SimulationResult
        {
            Seconds = seconds,
            FunctionSeconds = functionSeconds,
            Finished = read.Samples.Done,
            Dead = read.Samples.Failed,
            Messages = planned.Batches,
            Invocations = read.Batches.Done + read.Batches.Failed,
            ColdStarts = 0,
            PeakConcurrency = 0,
            Throttles = 0,
            HandOvers = 0,
            Redeliveries = 0,
            PutWaitSeconds = 0,
        }));
    }

    // So that files and bytes of the whole job are those of the samples that are there.
    private static GeneratorCalibration Calibration(GeneratorUsage? usage, int samples) => GeneratorCalibration.Default with
    {
        FilesPerSample = (usage?.Files ?? 0) / samples,
        BytesPerSample = (usage?.Bytes ?? 0) / samples,
    };

    private static double? Percent(double actual, double planned) => planned > 0 ? Math.Round(100 * ((actual / planned) - 1), 1) : null;
}
