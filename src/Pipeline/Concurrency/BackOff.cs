namespace VmDataset.Pipeline.Concurrency;

/// <summary>Pauses between attempts: each longer than the one before, up to a longest.</summary>
/// <param name="Factor">How many times as long each is as the one before.</param>
public sealed record BackOff(TimeSpan First, TimeSpan Longest, double Factor = 2)
{
    /// <param name="failures">Failures in a row, 1 or more.</param>
    public TimeSpan After(int failures)
    {
        var seconds = First.TotalSeconds * Math.Pow(Factor, failures - 1);
        return seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
    }

    /// <summary>Between nothing and <see cref="After"/>: callers that failed together do not come back together.</summary>
    public TimeSpan WithJitter(int failures) => Random.Shared.NextDouble() * After(failures);
}
