using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>Reckons one job for many fleets and both formats, and marks the best rows.</summary>
public static class FleetComparison
{
    /// <summary>Sizes at which every lane has a whole vCPU, the stack's default before them and the largest after.</summary>
    public static readonly IReadOnlyList<int> Memories = [1_024, 1_769, 3_538, 5_307, 7_076, 8_845, 10_240];

    // Each row is one run: coarser than a plan's.
    private const int EventsPerRow = 40_000;

    /// <param name="job">The job; its format and batch size are those of the chosen row, the other rows take their own.</param>
    /// <param name="chosen">The fleet that the job would run on.</param>
    /// <param name="prices">The price list.</param>
    /// <param name="region">One of its regions.</param>
    /// <param name="maxUsd">A budget; null if money does not matter.</param>
    /// <param name="deadlineSeconds">A deadline; null if time does not matter.</param>
    /// <param name="options">How it is simulated; null for the defaults.</param>
    /// <returns>The chosen row first, the others by memory.</returns>
    /// <exception cref="ArgumentException">There are no prices for the region.</exception>
    public static IReadOnlyList<ComparisonRow> Of(PlannedJob job, Fleet chosen, PriceList prices, string region, double? maxUsd = null,
        double? deadlineSeconds = null, SimulationOptions? options = null)
    {
        var regional = prices.For(region);
        options = (options ?? new SimulationOptions()) with { MaxEvents = EventsPerRow };
        List<ComparisonRow> rows =
            [.. Rows(job, chosen, regional, options, chosen.Architecture).Select(static row => row with { Chosen = true })];
        var others = from memory in Memories
                     from format in Enum.GetValues<OutputFormat>()
                     from mode in Enum.GetValues<ScalingMode>()
                     select (Format: format, Fleet: Other(chosen, memory, mode));
        foreach (var (format, fleet) in others)
        {
            var other = job with { OutputFormat = format };
            rows.AddRange(Rows(other with { BatchSize = JobPlanner.BestBatchSize(other, fleet) }, fleet, regional, options,
                Enum.GetValues<FunctionArchitecture>()));
        }

        return Marked(rows, maxUsd ?? double.PositiveInfinity, deadlineSeconds ?? double.PositiveInfinity);
    }

    // 100 pollers run a whole account's functions from the first second.
    private static Fleet Other(Fleet chosen, int memory, ScalingMode mode) => chosen with
    {
        MemoryMb = memory,
        ScalingMode = mode,
        MinimumPollers = Math.Clamp(chosen.AccountConcurrency / Fleet.MessagesPerPoller, 2, 100),
        MaximumPollers = Math.Clamp(chosen.AccountConcurrency / Fleet.MessagesPerPoller, 2, 100),
        MaximumConcurrency = Math.Clamp(chosen.AccountConcurrency, 2, Fleet.MaxMaximumConcurrency),
    };

    // A sample is taken to need as long on both architectures, so they share a run.
    private static IEnumerable<ComparisonRow> Rows(
        PlannedJob job, Fleet fleet, RegionPrices prices, SimulationOptions options, params FunctionArchitecture[] architectures)
    {
        var run = JobPlanner.Simulate(job, fleet, options, static _ => 1);
        return architectures.Select(architecture => new ComparisonRow
        {
            MemoryMb = fleet.MemoryMb,
            Architecture = architecture,
            OutputFormat = job.OutputFormat,
            ScalingMode = fleet.ScalingMode,
            BatchSize = job.BatchSize,
            Seconds = run.Seconds,
            Usd = JobPlanner.Sum(JobPlanner.Lines(job, fleet with { Architecture = architecture }, prices, run)),
        });
    }

    private static IReadOnlyList<ComparisonRow> Marked(List<ComparisonRow> rows, double maxUsd, double deadline)
    {
        var fastest = rows.Where(row => row.Usd <= maxUsd).MinBy(static row => (row.Seconds, row.Usd));
        var cheapest = rows.Where(row => row.Seconds <= deadline).MinBy(static row => (row.Usd, row.Seconds));
        return [.. rows.Select(row => row with { Fastest = ReferenceEquals(row, fastest), Cheapest = ReferenceEquals(row, cheapest) })];
    }
}

/// <summary>One fleet in a comparison.</summary>
public sealed record ComparisonRow
{
    /// <summary>MB of the function.</summary>
    public required int MemoryMb { get; init; }

    public required FunctionArchitecture Architecture { get; init; }

    public required OutputFormat OutputFormat { get; init; }

    public required ScalingMode ScalingMode { get; init; }

    /// <summary>The best batch size for it; the job's own in the chosen row.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Seconds, likely.</summary>
    public required double Seconds { get; init; }

    /// <summary>Dollars, likely.</summary>
    public required double Usd { get; init; }

    /// <summary>Whether it is the fleet and the format that the job would take now.</summary>
    public bool Chosen { get; init; }

    /// <summary>Whether it is the fastest within the budget.</summary>
    public bool Fastest { get; init; }

    /// <summary>Whether it is the cheapest within the deadline.</summary>
    public bool Cheapest { get; init; }
}
