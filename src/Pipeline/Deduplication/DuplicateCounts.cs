using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>What a look for duplicates found. A worker stores it and the reconciler draws its conclusion: workers, which run foreign
/// code, cannot write to a job's log.</summary>
/// <param name="Generators">A count of each generator that was looked at.</param>
/// <param name="Problem">Why there can be no count, ever; null if there is one.</param>
public sealed record DuplicateCounts(IReadOnlyList<DistinctCount> Generators, string? Problem = null)
{
    /// <summary>Whether it can be the job's: what a worker stored may be damaged.</summary>
    public bool IsOf(Job job) => Problem is not null
        ? Generators is []
        : Generators is [_, ..] && Generators.All(count => job.Generators.Any(generator => generator.Name == count?.Generator));
}
