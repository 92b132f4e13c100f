using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class MachinePlannerTests
{
    private static readonly PlannedJob Job = new()
    {
        Generators = [new("a", GeneratorCalibration.Of([.. Enumerable.Repeat(0.2, 50)], PlanBasis.Measured, default))],
        Samples = 10_000,
        BatchSize = 100,
        OutputFormat = OutputFormat.Files,
    };

    [Fact]
    public void Twice_the_lanes_take_about_half_the_time()
    {
        var (two, four) = (MachinePlanner.Plan(Job, 2), MachinePlanner.Plan(Job, 4));

        two.Seconds.Likely.ShouldBeInRange(1_000, 1_100);
        four.Seconds.Likely.ShouldBe(two.Seconds.Likely / 2, 0.05 * two.Seconds.Likely);
        four.LaneSeconds.ShouldBe(two.LaneSeconds);
    }

    [Fact]
    public void A_machine_that_is_busier_than_when_a_generator_was_measured_takes_longer()
    {
        var measured = Job with { Generators = [new("a", Job.Generators[0].Calibration with { CpuShare = 0.8 })] };

        var (same, busier) = (MachinePlanner.Plan(measured, 2, 0.8), MachinePlanner.Plan(measured, 2, 0.4));

        same.Seconds.Likely.ShouldBe(MachinePlanner.Plan(measured, 2).Seconds.Likely, 1e-6);
        busier.Seconds.Likely.ShouldBe(2 * same.Seconds.Likely, 0.05 * same.Seconds.Likely);
    }

    [Fact]
    public void More_lanes_than_samples_are_of_no_use() =>
        MachinePlanner.Plan(Job with { Samples = 2 }, 64).Seconds.Likely.ShouldBe(MachinePlanner.Plan(Job with { Samples = 2 }, 2).Seconds.Likely);

    [Fact]
    public void The_range_is_wider_the_less_is_known()
    {
        var unknown = Job with { Generators = [new("a", GeneratorCalibration.Default)] };

        static double Width(Estimate estimate) => estimate.High / estimate.Low;

        Width(MachinePlanner.Plan(unknown, 2).Seconds).ShouldBeGreaterThan(2 * Width(MachinePlanner.Plan(Job, 2).Seconds));
    }

    [Fact]
    public void The_best_batch_takes_about_a_minute_of_the_machine() => MachinePlanner.Plan(Job, 2).BestBatchSize.ShouldBe(1_000);
}
