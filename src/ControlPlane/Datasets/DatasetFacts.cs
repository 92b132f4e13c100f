using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>What a dataset comes to: nothing but its job's request and its samples goes into it.</summary>
internal sealed record DatasetFacts(Job Job, IReadOnlyList<GeneratorFacts> Generators)
{
    public long Samples => Generators.Sum(static generator => generator.Samples);

    public long Files => Generators.Sum(static generator => generator.Files);

    public long Bytes => Generators.Sum(static generator => generator.Bytes);

    public long Videos => Generators.Sum(static generator => generator.Videos);

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
internal sealed class GeneratorFacts(JobGenerator generator)
{
    private readonly SortedSet<string> _versions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _commits = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _domains = new(StringComparer.Ordinal);
    private readonly List<SampleRange> _indices = [];

    public JobGenerator Generator => generator;

    public long Samples { get; private set; }

    /// <summary>Objects: files of samples, or tars.</summary>
    public long Files { get; private set; }

    public long Bytes { get; private set; }

    public long Videos { get; private set; }

    public IReadOnlyCollection<string> Versions => _versions;

    public IReadOnlyCollection<string> Commits => _commits;

    public IReadOnlyCollection<string> Domains => _domains;

    public RangeSet Indices => RangeSet.Of(_indices);

    public void Add(SampleRow row)
    {
        Samples++;
        _versions.Add(row.Version);
        if (row.Commit.Length > 0) _commits.Add(row.Commit);
        _domains.Add(row.Domain);
        if (row.Video.Length > 0) Videos++;
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
