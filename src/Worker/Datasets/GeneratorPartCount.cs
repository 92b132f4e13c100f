using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Adds up the figures of one generator's rows.</summary>
internal sealed class GeneratorPartCount(JobGenerator generator)
{
    private readonly SortedSet<string> _versions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _commits = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _domains = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _videoExtensions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _splits = new(StringComparer.Ordinal);
    private readonly List<SampleRange> _indices = [];
    private long _samples, _files, _bytes, _videos;

    public void Add(SampleRow row)
    {
        _samples++;
        _versions.Add(row.Version);
        if (row.Commit.Length > 0) _commits.Add(row.Commit);
        _domains.Add(row.Domain);
        if (row.Split is { Length: > 0 } split) _splits[split] = _splits.GetValueOrDefault(split) + 1;
        if (row.Video.Length > 0)
        {
            _videos++;
            _videoExtensions.Add(Path.GetExtension(row.Video));
        }

        var index = row.Record.Index;
        if (_indices.Count > 0 && _indices[^1].End == index) _indices[^1] = SampleRange.Between(_indices[^1].Start, index + 1);
        else _indices.Add(new SampleRange(index, 1));
    }

    public void Add(DataFile file)
    {
        _files++;
        _bytes += file.Bytes;
    }

    public GeneratorPart ToRecord() => new()
    {
        Generator = generator.Name,
        Samples = _samples,
        Files = _files,
        Bytes = _bytes,
        Videos = _videos,
        Versions = [.. _versions],
        Commits = [.. _commits],
        Domains = [.. _domains],
        VideoExtensions = [.. _videoExtensions],
        Splits = _splits.Count == 0 ? null : _splits,
        Indices = [.. _indices.Select(static range => range.ToKey())],
    };
}
