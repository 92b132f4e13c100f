using VmDataset.ControlPlane.Planning;
using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>Describes plans.</summary>
internal sealed class PlanViewer(PlanService plans)
{
    /// <summary>A plan for this machine.</summary>
    public PlanView ForMachine(PlannedJob job)
    {
        var plan = plans.ForMachine(job);
        return View(job, plan.Seconds, plan.BestBatchSize, MachineWarnings(job)) with
        {
            Machine = new PlanMachineView
            {
                Lanes = plan.Lanes,
                Minutes = RangeView.Of(plan.Seconds.Select(static seconds => seconds / 60), 2),
                CoreMinutes = RangeView.Of(plan.LaneSeconds.Select(static seconds => seconds / 60), 2),
            },
        };
    }

    /// <summary>A plan for a fleet, with the comparison of others.</summary>
    public PlanView ForFleet(PlannedJob job, Job limits, Fleet fleet, string region)
    {
        var plan = JobPlanner.Plan(job, fleet, plans.Prices, region);
        var rows = FleetComparison.Of(job, fleet, plans.Prices, region, limits.MaxCostUsd, limits.DeadlineSeconds);
        return View(job, plan.Seconds, plan.BestBatchSize, plan.Warnings) with
        {
            Aws = new PlanAwsView
            {
                Fleet = FleetOf(fleet, region),
                FunctionSeconds = RangeView.Of(plan.FunctionSeconds, 1),
                CostUsd = RangeView.Of(plan.Usd, 4),
                Lines = [.. plan.Lines.Select(CostLineView.Of)],
                Storage = CostLineView.Of(plan.Storage),
                FreeTierUsd = Math.Round(-plan.FreeTier.Usd, 4),
                SecondsPerMessage = Math.Round(plan.SecondsPerMessage, 1),
                PeakConcurrency = plan.Simulated.PeakConcurrency,
                PricesOf = plans.Prices.Published,
                Excluded = plans.Prices.Excluded,
                Comparison = [.. rows.Select(ComparisonRowView.Of)],
            },
        };
    }

    private static PlanView View(PlannedJob job, Estimate seconds, int best, IReadOnlyList<PlanWarning> warnings) => new()
    {
        Basis = job.Basis,
        Samples = job.TotalSamples,
        Batches = job.Batches,
        BatchSize = job.BatchSize,
        BestBatchSize = best,
        Bytes = (long)job.Bytes,
        Seconds = RangeView.Of(seconds, 1),
        Generators = [.. job.Generators.Select(PlanGeneratorView.Of)],
        Warnings = [.. warnings.Select(static warning => new PlanWarningView { Code = warning.Code, Message = warning.Message })],
    };

    private static IReadOnlyList<PlanWarning> MachineWarnings(PlannedJob job) =>
        job.Generators.FirstOrDefault(static generator => generator.Calibration.Basis == PlanBasis.Default) is not { } unknown ? []
            : [new PlanWarning("not_measured",
                $"{unknown.Name} has never been measured, and its figures are those of an average generator. Way out: \"calibrate\": true.")];

    private static FleetRequest FleetOf(Fleet fleet, string region) => new()
    {
        Region = region,
        MemoryMb = fleet.MemoryMb,
        Architecture = fleet.Architecture,
        ScalingMode = fleet.ScalingMode,
        MaximumConcurrency = fleet.MaximumConcurrency,
        MinimumPollers = fleet.MinimumPollers,
        MaximumPollers = fleet.MaximumPollers,
        AccountConcurrency = fleet.AccountConcurrency,
        MaxReceives = fleet.MaxReceives,
    };
}
