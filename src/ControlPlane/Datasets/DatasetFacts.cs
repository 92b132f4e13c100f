namespace VmDataset.ControlPlane.Datasets;

/// <summary>What a dataset comes to: nothing but its job's request and its samples goes into it.</summary>
internal sealed record DatasetFacts(Job Job, IReadOnlyList<GeneratorFacts> Generators)
{
    public long Samples => Generators.Sum(static generator => generator.Samples);

    public long Files => Generators.Sum(static generator => generator.Files);

    public long Bytes => Generators.Sum(static generator => generator.Bytes);

    public long Videos => Generators.Sum(static generator => generator.Videos);

    /// <summary>The generators that there are samples of.</summary>
    public IEnumerable<string> Drawn => Generators.Where(static part => part.Samples > 0).Select(static part => part.Generator.Name);

    /// <summary>Such as ".mp4", of the videos that there are.</summary>
    public IEnumerable<string> VideoExtensions => Generators.SelectMany(static generator => generator.VideoExtensions).Distinct()
        .Order(StringComparer.Ordinal);

    public bool IsTars => Job.OutputFormat == OutputFormat.WebDataset;

    /// <summary>Such as "200 samples of chess and 3 more".</summary>
    public string Title
    {
        get
        {
            var more = Job.Generators.Count - 1;
            return FormattableString.Invariant($"{Samples:N0} samples of {Job.Generators[0].Name}{(more == 0 ? "" : $" and {more} more")}");
        }
    }
}

/// <summary>One generator's part of a dataset.</summary>
/// <param name="generator">The generator.</param>
/// <param name="missing">The indices that were to be drawn and are not finished.</param>
internal sealed class GeneratorFacts(JobGenerator generator, RangeSet missing)
{
    private readonly SortedSet<string> _versions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _commits = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _domains = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _videoExtensions = new(StringComparer.Ordinal);
    private readonly List<SampleRange> _indices = [];

    public JobGenerator Generator => generator;

    public RangeSet Missing => missing;

    public long Samples { get; private set; }

    /// <summary>Objects: files of samples, or tars.</summary>
    public long Files { get; private set; }

    public long Bytes { get; private set; }

    public long Videos { get; private set; }

    public IReadOnlyCollection<string> Versions => _versions;

    public IReadOnlyCollection<string> Commits => _commits;

    public IReadOnlyCollection<string> Domains => _domains;

    public IReadOnlyCollection<string> VideoExtensions => _videoExtensions;

    public RangeSet Indices => RangeSet.Of(_indices);

    public void Add(SampleRow row)
    {
        Samples++;
        _versions.Add(row.Version);
        if (row.Commit.Length > 0) _commits.Add(row.Commit);
        _domains.Add(row.Domain);
        if (row.Video.Length > 0)
        {
            Videos++;
            _videoExtensions.Add(Path.GetExtension(row.Video));
        }

        var index = row.Record.Index;
        if (_indices.Count > 0 && _indices[^1].End == index) _indices[^1] = SampleRange.Between(_indices[^1].Start, index + 1);
        else _indices.Add(new SampleRange(index, 1));
    }

    public void Add(DataFile file)
    {
        Files++;
        Bytes += file.Bytes;
    }
}
