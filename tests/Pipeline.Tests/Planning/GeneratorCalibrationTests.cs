using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class GeneratorCalibrationTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_calibration_has_the_mean_and_the_spread_of_its_samples()
    {
        double[] seconds = [.. Enumerable.Range(0, 500).Select(static i => new SampleTime(0.2, 0.4).Quantile((i + 0.5) / 500))];

        var calibration = GeneratorCalibration.Of(seconds, PlanBasis.Measured, At);

        calibration.MeanSeconds.ShouldBe(seconds.Average(), 1e-9);
        calibration.Spread.ShouldBe(0.4, 0.02);
        calibration.Samples.ShouldBe(500);
    }

    [Fact]
    public void A_few_samples_say_nothing_of_their_spread() =>
        GeneratorCalibration.Of([0.1, 0.1], PlanBasis.Trial, At).Spread.ShouldBe(GeneratorCalibration.Default.Spread);

    [Fact]
    public void Samples_that_take_no_time_have_a_calibration_all_the_same() =>
        GeneratorCalibration.Of([0, 0, 0, 0, 0, 0], PlanBasis.Measured, At).MedianSeconds.ShouldBeGreaterThan(0);

    [Fact]
    public void Later_samples_of_one_version_are_averaged_with_the_earlier_ones()
    {
        var (first, second) = (Measured(0.1, 300, "v1"), Measured(0.4, 100, "v1"));

        var both = second.After(first);

        both.Samples.ShouldBe(400);
        both.MeanSeconds.ShouldBe(0.175, 1e-9);
    }

    [Fact]
    public void Old_samples_weigh_less_than_new_ones()
    {
        var both = Measured(0.4, 500, "v1").After(Measured(0.1, 1_000_000, "v1"));

        both.MeanSeconds.ShouldBe(0.25, 1e-9);
        both.Samples.ShouldBe(1_000);
    }

    [Fact]
    public void Another_version_starts_anew()
    {
        var later = Measured(0.4, 100, "v2");

        later.After(Measured(0.1, 300, "v1")).ShouldBe(later);
        later.After(null).ShouldBe(later);
    }

    private static GeneratorCalibration Measured(double seconds, int samples, string version) =>
        GeneratorCalibration.Of([.. Enumerable.Repeat(seconds, samples > 1_000 ? 10 : samples)], PlanBasis.Measured, At) with { Samples = samples, Version = version };
}
