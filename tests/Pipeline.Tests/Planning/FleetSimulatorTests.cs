using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

/// <summary>The simulator is held against closed forms where there are any.</summary>
public class FleetSimulatorTests
{
    // Nothing but the samples takes time.
    private static readonly SimulationOptions Bare = new() { ColdStartSeconds = 0, MessageCpuSeconds = 0, MessageWaitSeconds = 0, UploadBytesPerSecond = double.PositiveInfinity };

    // One vCPU in one lane, and all functions from the first second.
    private static readonly Fleet Flat = new() { MemoryMb = 1_769, ScalingMode = ScalingMode.ProvisionedPollers, MinimumPollers = 10, MaximumPollers = 10 };

    [Fact]
    public void Full_rounds_of_equal_batches_take_their_number_times_a_batch()
    {
        var run = FleetSimulator.Run([Work(samples: 40_000, batch: 100, seconds: 0.1)], Flat, Bare);

        // 400 batches of 10 s on 100 functions.
        run.Seconds.ShouldBe(40, 0.01);
        run.FunctionSeconds.ShouldBe(4_000, 0.1);
        run.Finished.ShouldBe(40_000);
        run.ColdStarts.ShouldBe(100);
        run.PeakConcurrency.ShouldBe(100);
    }

    [Fact]
    public void The_mean_of_skewed_samples_decides_how_long_much_work_takes()
    {
        var time = new SampleTime(0.1, 0.8);

        var run = FleetSimulator.Run([Work(samples: 200_000, batch: 50, seconds: 0.1) with { Time = time }], Flat, Bare);

        run.FunctionSeconds.ShouldBe(200_000 * time.Mean, 0.01 * 200_000 * time.Mean);
        run.Seconds.ShouldBe(2_000 * time.Mean, 0.1 * 2_000 * time.Mean);
    }

    [Fact]
    public void Several_lanes_of_one_function_share_its_processors()
    {
        var four = FleetSimulator.Run([Work(samples: 40_000, batch: 400, seconds: 0.1)], Flat with { MemoryMb = 4 * 1_769 }, Bare);
        var half = FleetSimulator.Run([Work(samples: 40_000, batch: 400, seconds: 0.1)], Flat with { MemoryMb = 1_769 / 2 }, Bare);

        four.Seconds.ShouldBe(10, 0.01);
        half.Seconds.ShouldBe(80, 0.1);
    }

    [Fact]
    public void The_standard_ramp_delays_a_job_by_what_its_missing_functions_would_have_done()
    {
        var run = FleetSimulator.Run([Work(samples: 2_000_000, batch: 50, seconds: 0.1)], new Fleet { MemoryMb = 1_769, MaximumConcurrency = 1_000 }, Bare);

        // 5 + 5 t functions until all 1,000 are there after 199 s: 99,998 of 200,000 seconds of work are done, the rest takes 100 s.
        var all = (1_000 - 5) / 5.0;
        var expected = all + ((200_000 - ((5 * all) + (2.5 * all * all))) / 1_000);
        run.Seconds.ShouldBe(expected, 0.1 * expected);
        run.PeakConcurrency.ShouldBe(1_000);
    }

    [Fact]
    public void Provisioned_pollers_grow_by_a_thousand_messages_a_minute()
    {
        var fleet = Flat with { MinimumPollers = 2, MaximumPollers = 100 };

        var run = FleetSimulator.Run([Work(samples: 1_000_000, batch: 50, seconds: 0.1)], fleet, Bare);

        // 20 + 16.7 t functions until 1,000 after 58.8 s.
        var all = 980 / (1_000 / 60.0);
        var expected = all + ((100_000 - ((20 * all) + (1_000 / 60.0 / 2 * all * all))) / 1_000);
        run.Seconds.ShouldBe(expected, 0.1 * expected);
    }

    [Fact]
    public void A_cold_start_is_paid_once_for_each_function()
    {
        var options = Bare with { ColdStartSeconds = 8 };

        var run = FleetSimulator.Run([Work(samples: 40_000, batch: 100, seconds: 0.1)], Flat, options);

        run.Seconds.ShouldBe(48, 0.01);
        run.FunctionSeconds.ShouldBe(4_800, 0.1);
    }

    [Fact]
    public void Files_go_no_faster_than_one_partition_takes_them()
    {
        var fleet = Flat with { MinimumPollers = 100, MaximumPollers = 100 };

        var run = FleetSimulator.Run([Work(samples: 200_000, batch: 100, seconds: 0.1) with { PutsPerSample = 5 }], fleet, Bare);

        var expected = 1_000_000 / 3_500.0;
        run.Seconds.ShouldBe(expected, 0.1 * expected);
        run.PutWaitSeconds.ShouldBeGreaterThan(0.5 * run.FunctionSeconds);
    }

    [Fact]
    public void Files_below_that_rate_wait_for_nothing()
    {
        // 100 functions draw 1,000 samples a second: 3,000 PUTs.
        var run = FleetSimulator.Run([Work(samples: 40_000, batch: 100, seconds: 0.1) with { PutsPerSample = 3 }], Flat, Bare);

        run.Seconds.ShouldBe(40, 4);
    }

    [Fact]
    public void A_sample_is_given_up_after_three_failed_draws()
    {
        var run = FleetSimulator.Run([Work(samples: 100_000, batch: 100, seconds: 0.01) with { FailureShare = 0.1 }], Flat, Bare with { MaxEvents = 100_000 });

        // 0.1 to the third power of 100,000.
        run.Dead.ShouldBeInRange(70, 130);
        run.Finished.ShouldBe(100_000 - run.Dead);
        run.FunctionSeconds.ShouldBe(1_000 * 1.11, 1_000 * 1.11 * 0.02);
    }

    [Fact]
    public void A_generator_that_always_fails_is_tried_three_times_and_no_more()
    {
        var run = FleetSimulator.Run([Work(samples: 1_000, batch: 100, seconds: 0.1) with { FailureShare = 1 }], Flat, Bare);

        run.Dead.ShouldBe(1_000);
        run.FunctionSeconds.ShouldBe(300, 1);
        run.Messages.ShouldBe(30);
    }

    [Fact]
    public void A_batch_that_outlasts_the_function_goes_on_as_another_message_and_loses_nothing()
    {
        // 2,000 s of work in invocations that draw for 880 s.
        var run = FleetSimulator.Run([Work(samples: 1_000, batch: 1_000, seconds: 2)], Flat, Bare);

        run.Finished.ShouldBe(1_000);
        run.HandOvers.ShouldBe(2);
        run.Invocations.ShouldBe(3);
        run.Seconds.ShouldBe(2_000, 1);
    }

    [Fact]
    public void Samples_that_need_longer_than_allowed_fail_at_their_limit()
    {
        var run = FleetSimulator.Run([Work(samples: 3, batch: 1, seconds: 200)], Flat, Bare);

        run.Dead.ShouldBe(3);
        run.Seconds.ShouldBe(360, 0.01);
    }

    [Fact]
    public void Samples_of_which_none_fits_into_an_invocation_are_given_up_after_three()
    {
        var run = FleetSimulator.Run([Work(samples: 5, batch: 5, seconds: 1_000)], Flat with { SampleTimeoutSeconds = 2_000 }, Bare);

        run.Dead.ShouldBe(5);
        run.Invocations.ShouldBe(3);
    }

    [Fact]
    public void A_mapping_above_the_account_throttles_and_loses_good_messages_after_three_receipts()
    {
        // 100 messages at once for 10 functions, each longer than the time until a throttled message is visible again.
        var fleet = Flat with { AccountConcurrency = 10, VisibilitySeconds = 30 };

        var run = FleetSimulator.Run([Work(samples: 10_000, batch: 100, seconds: 5)], fleet, Bare);

        run.PeakConcurrency.ShouldBe(10);
        run.Throttles.ShouldBeGreaterThan(0);
        run.Dead.ShouldBeGreaterThan(0);
        (run.Finished + run.Dead).ShouldBe(10_000);
    }

    [Fact]
    public void Messages_of_workers_that_die_come_again_a_minute_later_and_are_given_up_in_the_end()
    {
        var run = FleetSimulator.Run([Work(samples: 100, batch: 100, seconds: 0.1)], Flat with { MaxReceives = 3 }, Bare with { CrashShare = 1 });

        run.Dead.ShouldBe(100);
        run.Redeliveries.ShouldBe(3);
        run.Invocations.ShouldBe(3);
    }

    [Fact]
    public void Two_million_samples_drawn_one_by_one_differ_little_from_a_coarse_run()
    {
        var work = Work(samples: 2_000_000, batch: 200, seconds: 0.1) with { Time = new SampleTime(0.1, 0.5) };

        var fine = FleetSimulator.Run([work], new Fleet { MemoryMb = 1_769 }, new SimulationOptions { MaxEvents = int.MaxValue });
        var coarse = FleetSimulator.Run([work], new Fleet { MemoryMb = 1_769 });

        coarse.Seconds.ShouldBe(fine.Seconds, 0.02 * fine.Seconds);
        coarse.FunctionSeconds.ShouldBe(fine.FunctionSeconds, 0.02 * fine.FunctionSeconds);
    }

    private static SimulatedWork Work(int samples, int batch, double seconds) =>
        new() { Samples = samples, BatchSize = batch, Time = new SampleTime(seconds, 0) };
}
