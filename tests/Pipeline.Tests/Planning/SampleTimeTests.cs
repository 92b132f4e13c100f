using CsCheck;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class SampleTimeTests
{
    private static readonly Gen<(double Median, double Spread)> Any = Gen.Select(Gen.Double[0.001, 100], Gen.Double[0, 1.5]);

    [Fact]
    public void Quantiles_ascend_and_half_of_the_samples_stay_below_the_median() => Any.Sample(each =>
    {
        var time = new SampleTime(each.Median, each.Spread);
        time.Quantile(0.5).ShouldBe(each.Median, 0.03 * each.Median);
        time.Quantile(0.1).ShouldBeLessThanOrEqualTo(time.Quantile(0.9));
        time.ShareAbove(time.Quantile(0.9)).ShouldBeLessThanOrEqualTo(0.1);
    }, iter: 100);

    [Fact]
    public void Drawn_samples_have_the_mean_of_a_log_normal_distribution()
    {
        var (time, random) = (new SampleTime(0.2, 0.6), new Random(7));

        var mean = Enumerable.Range(0, 100_000).Average(_ => time.Draw(random));

        time.Mean.ShouldBe(0.2 * Math.Exp(0.18), 1e-9);
        mean.ShouldBe(time.Mean, 0.02 * time.Mean);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(-1, 0.1)]
    [InlineData(1, -0.1)]
    [InlineData(1, 3.1)]
    public void An_invalid_distribution_is_refused(double median, double spread) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new SampleTime(median, spread));
}
