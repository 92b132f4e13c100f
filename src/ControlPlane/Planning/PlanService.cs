using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Planning;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Planning;

/// <summary>Plans jobs: for this machine on the local backend, for the AWS stack else.</summary>
internal sealed class PlanService(
    CalibrationReader calibrations, MeasurementStore measurements,
    BackendOptions backend, PlanningOptions options, PriceList prices, IServiceProvider services)
{
    private const string DefaultRegion = "us-east-1";

    /// <summary>Whether a job runs on this machine.</summary>
    public bool IsLocal => backend.Engine == BackendKind.Local;

    /// <summary>Samples that this machine draws at once.</summary>
    public int Lanes => services.GetService<WorkerOptions>()?.Lanes ?? Environment.ProcessorCount;

    public Fleet Fleet => options.Fleet;

    public string Region => options.PlanRegion
        ?? (services.GetService<AwsOptions>()?.Region is { } own && prices.Regions.ContainsKey(own) ? own : DefaultRegion);

    public PriceList Prices => prices;

    /// <summary>A job with all that is known of its generators.</summary>
    public async Task<PlannedJob> DescribeAsync(Job job, CancellationToken cancellationToken) => new()
    {
        Generators = await calibrations.ReadAsync(job.Generators, job.Video, cancellationToken),
        Samples = job.Samples,
        BatchSize = job.BatchSize,
        OutputFormat = job.OutputFormat,
        ShardsPerBatch = job.Splits?.Shares.Count ?? 1,
    };

    /// <summary>The plan of a job for this machine.</summary>
    public MachinePlan ForMachine(PlannedJob job) => MachinePlanner.Plan(job, Lanes, measurements.RecentCpuShare);

    /// <summary>The plan that is stored with a job.</summary>
    public async Task<PlanRecord> PlanAsync(Job job, CancellationToken cancellationToken)
    {
        var planned = await DescribeAsync(job, cancellationToken);
        if (IsLocal) return Record(planned, ForMachine(planned));
        // A submission waits for it.
        var coarse = new SimulationOptions { MaxEvents = 50_000 };
        return Record(planned, JobPlanner.Plan(planned, Fleet, prices, Region, coarse));
    }

    private static PlanRecord Record(PlannedJob job, MachinePlan plan) => new()
    {
        Seconds = Rounded(plan.Seconds, 1),
        LaneSeconds = Rounded(plan.LaneSeconds, 1),
        Lanes = plan.Lanes,
        Basis = job.Basis,
        SecondsPerSample = [.. job.Generators.Select(static each => Math.Round(each.Calibration.MeanSeconds, 4))],
    };

    private PlanRecord Record(PlannedJob job, JobPlan plan) => new()
    {
        Seconds = Rounded(plan.Seconds, 1),
        LaneSeconds = Rounded(plan.FunctionSeconds.Select(seconds => seconds * plan.Fleet.Lanes), 1),
        Lanes = plan.Fleet.Lanes,
        Basis = job.Basis,
        FunctionSeconds = Rounded(plan.FunctionSeconds, 1),
        Usd = Rounded(plan.Usd, 4),
        MemoryMb = plan.Fleet.MemoryMb,
        Region = Region,
        PricesOf = prices.Published,
        SecondsPerSample = [.. job.Generators.Select(generator => Math.Round(
            JobPlanner.TimeOf(job, generator.Calibration).Mean / plan.Fleet.LaneSpeed, 4))],
    };

    internal static Estimate Rounded(Estimate estimate, int digits) => estimate.Select(each => Math.Round(each, digits));
}
