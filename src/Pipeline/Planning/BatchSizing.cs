using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>Chooses a batch size: long enough that a message costs little, short enough that a crash and the job's end do.</summary>
public static class BatchSizing
{
    /// <summary>Seconds that a message should take: 60 to 120.</summary>
    public const double TargetSeconds = 90;

    // With fewer the last messages would keep one part of the functions waiting for the other.
    private const int MessagesPerFunction = 4;

    // A message costs a quarter of a vCPU second, a manifest and some calls.
    private const double LeastSeconds = 10;

    /// <summary>The best batch size, of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="samples">Samples of each generator.</param>
    /// <param name="generators">Generators.</param>
    /// <param name="secondsPerSample">Seconds of a function a sample, on average over the generators: above 0.</param>
    /// <param name="functions">Functions, or machines, that work at once.</param>
    /// <returns>1 to <see cref="JobLimits.MaxBatchSize"/>, at most <paramref name="samples"/>.</returns>
    public static int Best(int samples, int generators, double secondsPerSample, int functions)
    {
        var forTarget = TargetSeconds / secondsPerSample;
        var forAll = (double)samples * generators / ((long)functions * MessagesPerFunction);
        var wanted = Math.Min(forTarget, Math.Max(forAll, LeastSeconds / secondsPerSample));
        var least = (samples + (JobLimits.MaxBatches / generators) - 1) / (JobLimits.MaxBatches / generators);
        return Math.Clamp(Round(wanted), Math.Min(least, samples), Math.Min(samples, JobLimits.MaxBatchSize));
    }

    /// <summary>The nearest by ratio.</summary>
    private static int Round(double wanted)
    {
        var step = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, wanted))));
        return (int)new[] { step, 2 * step, 5 * step, 10 * step }.MinBy(each => Math.Abs(Math.Log(each / Math.Max(1, wanted))));
    }
}
