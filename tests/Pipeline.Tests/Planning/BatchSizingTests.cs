using CsCheck;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class BatchSizingTests
{
    [Theory]
    [InlineData(10_000_000, 8, 0.1, 1_000, 1_000)]
    [InlineData(250_000, 8, 0.1, 1_000, 500)]
    [InlineData(10_000, 1, 0.1, 1_000, 100)]
    [InlineData(10_000, 1, 10, 100, 10)]
    [InlineData(10, 1, 0.1, 100, 10)]
    [InlineData(10_000, 1, 1_000, 100, 1)]
    public void A_batch_takes_about_a_minute_and_less_where_functions_would_stand_idle(
        int samples, int generators, double seconds, int functions, int expected) =>
        BatchSizing.Best(samples, generators, seconds, functions).ShouldBe(expected);

    [Fact]
    public void A_job_of_that_batch_size_is_always_allowed() => Gen.Select(
        Gen.Int[1, JobLimits.MaxSamples], Gen.Int[1, JobLimits.MaxGenerators], Gen.Double[0.001, 500], Gen.Int[1, 1_000])
        .Where(static (samples, generators, _, _) => (long)samples * generators <= (long)JobLimits.MaxBatches * JobLimits.MaxBatchSize)
        .Sample((samples, generators, seconds, functions) =>
        {
            var best = BatchSizing.Best(samples, generators, seconds, functions);
            best.ShouldBeInRange(1, Math.Min(samples, JobLimits.MaxBatchSize));
            ((samples + best - 1L) / best * generators).ShouldBeLessThanOrEqualTo(JobLimits.MaxBatches);
        });
}
