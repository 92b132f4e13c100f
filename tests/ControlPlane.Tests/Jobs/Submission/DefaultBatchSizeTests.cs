using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public sealed class DefaultBatchSizeTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 1, 7)]
    [InlineData(10, 1, 10)]
    [InlineData(100, 1, 10)]
    [InlineData(1_000, 1, 20)]
    [InlineData(10_000, 200, 200)]
    [InlineData(1_000_000, 1, 1_000)]
    [InlineData(10_000_000, 1, 1_000)]
    [InlineData(10_000_000, 1_000, 10_000)]
    public void The_default_batch_size_is_a_fiftieth_within_bounds(int samples, int generators, int expected) =>
        DefaultBatchSize.For([.. Enumerable.Repeat(samples, generators)]).ShouldBe(expected);

    [Fact]
    public void The_default_batch_size_never_breaks_a_limit()
    {
        foreach (var samples in new[] { 1, 2, 9, 11, 499, 50_001, 333_333, 999_999, 1_000_001, 9_999_999, JobLimits.MaxSamples })
        {
            foreach (var generators in new[] { 1, 2, 3, 7, 99, 333, 501, 999, JobLimits.MaxGenerators })
            {
                var size = DefaultBatchSize.For([.. Enumerable.Repeat(samples, generators)]);
                size.ShouldBeInRange(1, Math.Min(samples, JobLimits.MaxBatchSize));
                (((long)samples + size - 1) / size * generators).ShouldBeLessThanOrEqualTo(JobLimits.MaxBatches);
            }
        }
    }
}
