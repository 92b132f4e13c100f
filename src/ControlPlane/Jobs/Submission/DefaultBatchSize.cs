namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>The batch size of jobs that name none.</summary>
internal static class DefaultBatchSize
{
    // Enough batches to keep a machine's lanes busy to the end and to make a crash or a retry cheap.
    private const int BatchesPerGenerator = 50;

    // Below this the message and the manifest cost more than the samples; above it a batch outlasts patience.
    private const int Smallest = 10;
    private const int Largest = 1_000;

    /// <summary>
    /// A fiftieth of the samples, 10 to 1,000, never more than there are; larger only where the job would otherwise have
    /// more than <see cref="JobLimits.MaxBatches"/> batches.
    /// </summary>
    /// <param name="samples">Samples per generator, 1 to <see cref="JobLimits.MaxSamples"/>.</param>
    /// <param name="generators">1 to <see cref="JobLimits.MaxGenerators"/>.</param>
    /// <returns>1 to <see cref="JobLimits.MaxBatchSize"/>.</returns>
    public static int For(int samples, int generators) =>
        Math.Max(Math.Min(samples, Math.Clamp(samples / BatchesPerGenerator, Smallest, Largest)), Least(samples, generators));

    /// <summary>The smallest batch size with which the job keeps within <see cref="JobLimits.MaxBatches"/>.</summary>
    public static int Least(int samples, int generators)
    {
        var most = JobLimits.MaxBatches / generators;
        return (samples + most - 1) / most;
    }
}
