namespace VmDataset.Pipeline.Jobs;

/// <summary>Decides how many indices a unique job draws of a generator. The dataset is the first different
/// samples in the order of their indices. The plan depends on them in that order alone, not on the batch size or the time of a
/// check.</summary>
public static class CandidatePlan
{
    // If one different sample were left among those found, so many draws would miss it once in 50 times.
    private const int DrawsPerSampleFound = 4;
    private const int LeastDraws = 100;

    // Beyond it a generator that hardly varies would burn a bill for a handful of samples.
    private const int CandidatesPerSample = 10;
    private const int LeastCandidates = 1_000;

    /// <summary>The most indices that are ever drawn of a generator of which so many samples are asked for.</summary>
    public static int Limit(Job job, int samples)
    {
        var most = ((long)CandidatesPerSample * samples) + LeastCandidates;
        return (int)Math.Min(most, Math.Min(JobLimits.MaxIndexEnd - job.StartIndex, JobLimits.MaxSeed - (long)job.Seed - job.StartIndex
            + 1));
    }

    /// <param name="before">Earlier checks, in order.</param>
    public static DuplicateCheck Check(Job job, IReadOnlyList<DuplicateCheck> before, DistinctCount found)
    {
        // What failed is for a retry to fill: a broken generator would only fail at further indices too.
        var samples = job.SamplesOf(found.Generator);
        var missing = samples - found.Distinct - found.Failed;
        var more = missing <= 0 || IsExhausted(found) ? 0 : More(before, found, missing);
        return new DuplicateCheck(found.Generator, found.Candidates, found.Distinct, Math.Min(Limit(job, samples), found.Candidates + more),
            found.Failed);
    }

    private static bool IsExhausted(DistinctCount found) => found.SinceLastNew >= DrawsUntilExhausted(found);

    private static long DrawsUntilExhausted(DistinctCount found) => Math.Max(LeastDraws, (long)DrawsPerSampleFound * Different(found));

    // Samples that other jobs have show as well that the generator varies.
    private static int Different(DistinctCount found) => found.Distinct + found.Known;

    // A fifth more than the share of different samples so far would take; and twice the last addition, so that few looks are needed
    // where that share falls. Not more than would show that the generator is exhausted.
    private static int More(IReadOnlyList<DuplicateCheck> before, DistinctCount found, int missing)
    {
        var estimate = (1.2 * missing * found.Candidates / Math.Max(1, Different(found))) + 5;
        var doubled = before is [] ? 0 : 2L * (before[^1].Next - before[^1].Candidates);
        return (int)Math.Min(Math.Min(int.MaxValue / 4, DrawsUntilExhausted(found)), Math.Max((long)Math.Ceiling(estimate), doubled));
    }
}

/// <summary>What a generator's candidates gave, in the order of their indices.</summary>
/// <param name="Distinct">Different samples among them that the dataset may have.</param>
/// <param name="SinceLastNew">Candidates after the last one that was unlike all before it.</param>
/// <param name="Failed">Candidates that gave no sample.</param>
/// <param name="Known">Different samples among them that other jobs have.</param>
public sealed record DistinctCount(string Generator, int Candidates, int Distinct, int SinceLastNew, int Failed = 0, int Known = 0);
