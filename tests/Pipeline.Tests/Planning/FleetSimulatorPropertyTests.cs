using CsCheck;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class FleetSimulatorPropertyTests
{
    private static readonly Gen<SimulatedWork> AnyWork = Gen.Select(
        Gen.Int[1, 3_000], Gen.Int[1, 500], Gen.Double[0.01, 3], Gen.Double[0, 1], Gen.Double[0, 0.3],
        static (samples, batch, seconds, spread, failures) => new SimulatedWork
        {
            Samples = samples,
            BatchSize = batch,
            Time = new SampleTime(seconds, spread),
            FailureShare = failures,
        });

    private static readonly Gen<Fleet> AnyFleet = Gen.Select(
        Gen.Int[128, 10_240], Gen.Bool, Gen.Int[2, 100], Gen.Int[1, 100], Gen.Int[60, 900],
        static (memory, provisioned, mapping, account, timeout) => new Fleet
        {
            MemoryMb = memory,
            ScalingMode = provisioned ? ScalingMode.ProvisionedPollers : ScalingMode.MaximumConcurrency,
            MaximumConcurrency = mapping,
            MaximumPollers = mapping,
            AccountConcurrency = account,
            TimeoutSeconds = timeout,
        });

    private static readonly Gen<(SimulatedWork[] Work, Fleet Fleet, SimulationOptions Options)> AnyRun = Gen.Select(
        AnyWork.Array[1, 4], AnyFleet, Gen.Int[0, 1_000], Gen.Double[0, 0.2],
        static (work, fleet, seed, crashes) => (work, fleet, new SimulationOptions { Seed = seed, CrashShare = crashes }));

    [Fact]
    public void Every_sample_is_finished_or_given_up_in_the_end() => AnyRun.Sample(each =>
    {
        var run = FleetSimulator.Run(each.Work, each.Fleet, each.Options);
        (run.Finished + run.Dead).ShouldBe(each.Work.Sum(static work => (long)work.Samples));
    }, iter: 200);

    [Fact]
    public void No_more_functions_run_than_account_and_mapping_allow() => AnyRun.Sample(each =>
    {
        var run = FleetSimulator.Run(each.Work, each.Fleet, each.Options);
        run.PeakConcurrency.ShouldBeLessThanOrEqualTo(each.Fleet.Concurrency);
        run.FunctionSeconds.ShouldBeLessThanOrEqualTo(run.PeakConcurrency * run.Seconds * 1.000001);
    }, iter: 200);

    [Fact]
    public void A_seed_gives_one_result() => AnyRun.Sample(each =>
        FleetSimulator.Run(each.Work, each.Fleet, each.Options).ShouldBe(FleetSimulator.Run(each.Work, each.Fleet, each.Options)), iter: 50);

    [Fact]
    public void Slower_samples_never_cost_fewer_seconds_of_functions() => AnyRun.Sample(each =>
    {
        // Without what is given up half-way, which may save time.
        var work = each.Work.Select(static part => part with { FailureShare = 0, Time = new SampleTime(part.Time.Median, 0) }).ToArray();
        var fleet = each.Fleet with { AccountConcurrency = 1_000, SampleTimeoutSeconds = 1_000, TimeoutSeconds = 900, MemoryMb = 1_769 };
        var slower = work.Select(static part => part with { Time = part.Time.Scaled(1.5) }).ToArray();
        var options = new SimulationOptions { ColdStartSeconds = 0 };
        FleetSimulator.Run(slower, fleet, options).FunctionSeconds.ShouldBeGreaterThan(FleetSimulator.Run(work, fleet, options).FunctionSeconds);
    }, iter: 100);
}
