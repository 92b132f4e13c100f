using VmDataset.ControlPlane.Console.Runs;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.ControlPlane.Tests.Console;

/// <summary>The pace of a job over its time.</summary>
public sealed class RateHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(60, 1, 60)]
    [InlineData(61, 2, 31)]
    [InlineData(3_600, 60, 60)]
    [InlineData(86_400 * 70, 86_400 * 2, 35)]
    public void The_steps_are_times_that_people_count_in_and_at_most_sixty(int seconds, int step, int values)
    {
        var rates = RateHistory.Of([], Start, Start.AddSeconds(seconds));
        (rates.Step.TotalSeconds, rates.PerSecond.Count).ShouldBe((step, values));
    }

    [Fact]
    public void Each_sample_counts_once_also_one_from_before_the_start_or_after_the_end()
    {
        var rates = RateHistory.Of([At(-5, 4), At(0, 10), At(5, 6), At(119, 2), At(500, 8)], Start, Start.AddMinutes(2));

        rates.Step.ShouldBe(TimeSpan.FromSeconds(2));
        rates.PerSecond.Sum(each => each * 2).ShouldBe(30);
        (rates.PerSecond[0], rates.PerSecond[2], rates.PerSecond[^1]).ShouldBe((7, 3, 5));
    }

    private static RangeEntry At(int seconds, int samples) => new("alpha", new SampleRange(0, samples), Start.AddSeconds(seconds));
}
