namespace VmDataset.Pipeline.Jobs;

/// <summary>The splits of a job's samples. A generator that is held out lies in one split whole.</summary>
public static class JobSplits
{
    /// <summary>Where held-out generators go unless the job names another split.</summary>
    public const string DefaultHoldoutSplit = "test";

    /// <summary>The splits of a generator's samples; null in a job without splits.</summary>
    public static SplitPlan? SplitsOf(this Job job, string generator) => job.Splits is null ? null
        : job.Holdout?.Contains(generator, StringComparer.Ordinal) == true ? SplitPlan.Only(job.HoldoutSplitName()) : job.Splits;

    /// <summary>The split of a sample; null in a job without splits.</summary>
    public static string? SplitOf(this Job job, string generator, string fingerprint) => job.SplitsOf(generator)?.Of(fingerprint);

    /// <summary>The split of the generators that are held out.</summary>
    public static string HoldoutSplitName(this Job job) => job.HoldoutSplit ?? DefaultHoldoutSplit;

    /// <summary>All splits, in the order of the request, last that of the generators that are held out; empty in a job without
    /// splits.</summary>
    public static IReadOnlyList<string> SplitNames(this Job job)
    {
        if (job.Splits is not { } splits) return [];
        var names = splits.Shares.Select(static each => each.Name);
        return [.. (job.Holdout is null ? names : names.Append(job.HoldoutSplitName())).Distinct(StringComparer.Ordinal)];
    }
}
