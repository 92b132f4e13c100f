namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>The pace of a job over its time.</summary>
/// <param name="Step">The time that a value is of.</param>
/// <param name="PerSecond">Samples finished a second, from the job's submission on; at most <see cref="MostSteps"/> values.</param>
public sealed record RateHistory(TimeSpan Step, IReadOnlyList<double> PerSecond)
{
    public const int MostSteps = 60;

    // In seconds: times that people count in.
    private static readonly int[] Steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];

    /// <param name="done">The ranges that are finished, with the times of their manifests.</param>
    /// <param name="start">The job's submission.</param>
    /// <param name="end">Its end, or now.</param>
    public static RateHistory Of(IEnumerable<RangeEntry> done, DateTimeOffset start, DateTimeOffset end)
    {
        var seconds = Math.Max(1, (end - start).TotalSeconds);
        var step = Steps.FirstOrDefault(each => each * MostSteps >= seconds);
        if (step == 0) step = (int)Math.Ceiling(seconds / MostSteps / Steps[^1]) * Steps[^1];
        var counts = new long[(int)Math.Ceiling(seconds / step)];
        foreach (var entry in done)
        {
            // A store's clock may be behind this one's, and a worker may store something after the end.
            var at = (int)((entry.At - start).TotalSeconds / step);
            counts[Math.Clamp(at, 0, counts.Length - 1)] += entry.Range.Count;
        }

        return new RateHistory(TimeSpan.FromSeconds(step), [.. counts.Select(count => (double)count / step)]);
    }
}
