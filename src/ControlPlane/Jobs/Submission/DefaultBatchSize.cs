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
    /// <param name="samples">Samples of each of 1 to <see cref="JobLimits.MaxGenerators"/> generators, 1 to
    /// <see cref="JobLimits.MaxSamples"/>. The most of them count.</param>
    /// <returns>1 to <see cref="JobLimits.MaxBatchSize"/>.</returns>
    public static int For(IReadOnlyList<int> samples)
    {
        var most = samples.Max();
        return Math.Max(Math.Min(most, Math.Clamp(most / BatchesPerGenerator, Smallest, Largest)), Least(samples));
    }

    /// <summary>The smallest batch size with which the job surely keeps within <see cref="JobLimits.MaxBatches"/>.</summary>
    public static int Least(IReadOnlyList<int> samples)
    {
        var most = JobLimits.MaxBatches / samples.Count;
        return (samples.Max() + most - 1) / most;
    }
}
