using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>The figures of a dataset. They come from the job's request and its samples alone.</summary>
internal sealed record DatasetFacts(Job Job, IReadOnlyList<GeneratorFacts> Generators)
{
    public long Samples => Generators.Sum(static generator => generator.Samples);

    public long Files => Generators.Sum(static generator => generator.Files);

    public long Bytes => Generators.Sum(static generator => generator.Bytes);

    public long Videos => Generators.Sum(static generator => generator.Videos);

    /// <summary>All splits of the job with their samples; empty in a job without splits.</summary>
    public IReadOnlyList<(string Name, long Samples)> Splits =>
        [.. Job.SplitNames().Select(name => (name, Generators.Sum(generator => generator.SamplesIn(name))))];

    /// <summary>Such as ".mp4", of the videos that there are.</summary>
    public IEnumerable<string> VideoExtensions => Generators.SelectMany(static generator => generator.VideoExtensions).Distinct()
        .Order(StringComparer.Ordinal);

    public bool IsTars => Job.OutputFormat == OutputFormat.WebDataset;

    /// <summary>The tables of rows: one at the root, or one or more in each generator's folder.</summary>
    public DatasetTables Tables { get; } = DatasetTables.Of(Job);

    /// <summary>What the job says, else such as "200 samples of chess and 3 more".</summary>
    public string Title
    {
        get
        {
            if (Job.About?.Title is { } title) return title;
            var more = Job.Generators.Count - 1;
            return FormattableString.Invariant($"{Samples:N0} samples of {Job.Generators[0].Name}{(more == 0 ? "" : $" and {more} more")}");
        }
    }

    /// <param name="job">The job.</param>
    /// <param name="read">Its progress.</param>
    /// <param name="parts">All parts of its dataset.</param>
    public static DatasetFacts Of(Job job, JobProgress read, IEnumerable<DatasetPartRecord> parts)
    {
        var byGenerator = parts.SelectMany(static part => part.Generators).ToLookup(static each => each.Generator, StringComparer.Ordinal);
        return new DatasetFacts(job, [.. job.Generators.Select(generator =>
            new GeneratorFacts(generator, read.MissingOf(job, generator.Name), [.. byGenerator[generator.Name]]))]);
    }
}

/// <summary>The figures of one generator's samples.</summary>
/// <param name="Generator">The generator.</param>
/// <param name="Missing">The indices that were to be drawn and are not finished.</param>
/// <param name="Parts">Its parts, in the order of their indices.</param>
internal sealed record GeneratorFacts(JobGenerator Generator, RangeSet Missing, IReadOnlyList<GeneratorPart> Parts)
{
    public long Samples => Parts.Sum(static part => part.Samples);

    public long Files => Parts.Sum(static part => part.Files);

    public long Bytes => Parts.Sum(static part => part.Bytes);

    public long Videos => Parts.Sum(static part => part.Videos);

    /// <summary>Its samples in a split.</summary>
    public long SamplesIn(string split) => Parts.Sum(part => part.Splits?.GetValueOrDefault(split) ?? 0);

    public IEnumerable<string> Versions => Distinct(static part => part.Versions);

    public IEnumerable<string> Commits => Distinct(static part => part.Commits);

    public IEnumerable<string> Domains => Distinct(static part => part.Domains);

    public IEnumerable<string> VideoExtensions => Distinct(static part => part.VideoExtensions);

    public RangeSet Indices => Parts.Aggregate(RangeSet.Empty, static (indices, part) => indices.Union(part.IndexSet()));

    private IEnumerable<string> Distinct(Func<GeneratorPart, IEnumerable<string>> values) =>
        Parts.SelectMany(values).Distinct().Order(StringComparer.Ordinal);
}
