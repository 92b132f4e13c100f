namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Which of a job's finished samples a list is about.</summary>
/// <param name="Generator">Only this one's; null for all.</param>
/// <param name="Split">Only those of this split of the job; null for all.</param>
internal sealed record SampleFilter(string? Generator = null, string? Split = null)
{
    public static SampleFilter All { get; } = new();

    /// <summary>The generators that may have such samples, by name.</summary>
    public IEnumerable<JobGenerator> GeneratorsOf(Job job) => job.Generators
        .Where(each => Generator is null || each.Name == Generator)
        // One that is held out has one split alone.
        .Where(each => Split is null || job.SplitsOf(each.Name)?.Shares.Any(share => share.Name == Split) == true)
        .OrderBy(static each => each.Name, StringComparer.Ordinal);

    /// <summary>Whether a sample of such a generator belongs to the list.</summary>
    public bool Has(Job job, string generator, SampleRecord sample) =>
        sample.Excluded is null && (Split is null || job.SplitOf(generator, sample.Fingerprint) == Split);
}
