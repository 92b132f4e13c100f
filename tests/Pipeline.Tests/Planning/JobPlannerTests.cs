using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class JobPlannerTests
{
    private static readonly GeneratorCalibration Measured = new()
    {
        Basis = PlanBasis.Measured,
        Samples = 1_000,
        MedianSeconds = 0.095,
        Spread = 0.3,
        FilesPerSample = 5,
        BytesPerSample = 170_000,
    };

    private static readonly PlannedJob Headline = new()
    {
        Generators = [.. Enumerable.Range(0, 8).Select(static i => new PlannedGenerator($"generator-{i}", Measured))],
        Samples = 250_000,
        BatchSize = 200,
        OutputFormat = OutputFormat.WebDataset,
    };

    [Fact]
    public void The_sum_of_the_lines_is_the_likely_cost_which_lies_within_its_range()
    {
        var plan = Plan(Headline, new Fleet { MemoryMb = 1_769 });

        plan.Lines.Sum(static line => line.Quantity * line.UnitPrice).ShouldBe(plan.Usd.Likely, 1e-9);
        plan.Usd.Low.ShouldBeLessThan(plan.Usd.Likely);
        plan.Usd.High.ShouldBeGreaterThan(plan.Usd.Likely);
        plan.Seconds.Low.ShouldBeLessThan(plan.Seconds.Likely);
        plan.Seconds.High.ShouldBeGreaterThan(plan.Seconds.Likely);
    }

    [Fact]
    public void Compute_costs_its_GB_seconds()
    {
        var plan = Plan(Headline, new Fleet { MemoryMb = 1_769 });

        // 2,000,000 samples of 0.105 vCPU seconds at 1,769 MB, with cold starts and messages on top.
        var least = 2_000_000 * new SampleTime(0.1, 0.3).Mean;
        plan.FunctionSeconds.Likely.ShouldBeInRange(least, least * 1.15);
        var compute = plan.Lines.Single(static line => line.Item == CostLine.Compute);
        compute.Usd.ShouldBe(plan.FunctionSeconds.Likely * 1_769 / 1_024 * 0.0000166667, 1e-6);
    }

    [Fact]
    public void Arm_costs_a_fifth_less_for_compute()
    {
        var x86 = Plan(Headline, new Fleet()).Lines.Single(static line => line.Item == CostLine.Compute).Usd;
        var arm = Plan(Headline, new Fleet { Architecture = FunctionArchitecture.Arm64 }).Lines.Single(static line => line.Item == CostLine.Compute).Usd;

        arm.ShouldBe(0.8 * x86, 0.001 * x86);
    }

    [Fact]
    public void A_million_files_and_more_are_warned_of_with_the_way_out()
    {
        var plan = Plan(Headline with { OutputFormat = OutputFormat.Files }, new Fleet { MemoryMb = 1_769, MaximumConcurrency = 900 });

        plan.Warnings.Select(static warning => warning.Code).ShouldBe(["files_puts", "files_partition"], ignoreOrder: true);
        plan.Warnings[0].Message.ShouldContain("10,000,000");
        plan.Warnings[0].Message.ShouldContain("webdataset");
        plan.Lines.Single(static line => line.Item == "s3_put_data").Usd.ShouldBe(50, 0.01);
        plan.Seconds.Likely.ShouldBeGreaterThan(2_857);
    }

    [Fact]
    public void A_job_that_suits_its_fleet_is_not_warned_of() =>
        Plan(Headline, new Fleet { MemoryMb = 1_769, MaximumConcurrency = 900 }).Warnings.ShouldBeEmpty();

    [Fact]
    public void A_new_account_is_warned_that_its_messages_find_no_function()
    {
        var plan = Plan(Headline with { Samples = 1_000 }, new Fleet { AccountConcurrency = 10 });

        plan.Warnings.Select(static warning => warning.Code).ShouldContain("concurrency_over_account");
        plan.Warnings.Single(static warning => warning.Code == "concurrency_over_account").Message.ShouldContain("MaximumConcurrency 10");
    }

    [Fact]
    public void Slow_samples_are_warned_of_and_so_are_batches_that_outlast_a_function()
    {
        var slow = Headline with { Samples = 1_000, BatchSize = 100, Generators = [new("slow", Measured with { MedianSeconds = 40 })] };

        var plan = Plan(slow, new Fleet { MaximumConcurrency = 900 });

        var codes = plan.Warnings.Select(static warning => warning.Code).ToList();
        codes.ShouldContain("sample_near_timeout");
        codes.ShouldContain("batch_over_deadline");
        plan.Warnings.Single(static warning => warning.Code == "batch_over_deadline").Message.ShouldContain($"\"batch_size\": {plan.BestBatchSize}");
    }

    [Fact]
    public void A_generator_that_was_never_measured_widens_the_range_and_is_named()
    {
        var job = Headline with { Generators = [new("unknown", GeneratorCalibration.Default)] };

        var plan = Plan(job, new Fleet { MaximumConcurrency = 900 });

        job.Basis.ShouldBe(PlanBasis.Default);
        plan.Warnings.Single(static warning => warning.Code == "not_measured").Message.ShouldContain("unknown");
        plan.FunctionSeconds.High.ShouldBeGreaterThan(2 * plan.FunctionSeconds.Likely);
    }

    [Fact]
    public void Provisioned_pollers_are_a_line_where_their_price_is_known()
    {
        var fleet = new Fleet { ScalingMode = ScalingMode.ProvisionedPollers, MinimumPollers = 100 };

        Plan(Headline, fleet).Lines.ShouldContain(static line => line.Item == "event_pollers" && line.Usd > 0);
        JobPlanner.Plan(Headline, fleet, PriceList.Current, "eu-west-1").Lines.ShouldNotContain(static line => line.Item == "event_pollers");
    }

    private static JobPlan Plan(PlannedJob job, Fleet fleet) => JobPlanner.Plan(job, fleet, PriceList.Current, "us-east-1");
}
