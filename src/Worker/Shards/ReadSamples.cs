using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>The samples of an export as a plan needs them: about 200 bytes of memory each.</summary>
internal sealed class ReadSamples
{
    private readonly Dictionary<string, int> _sources = new(StringComparer.Ordinal);
    // The last tar of each split: the samples of a tar share its name.
    private readonly Dictionary<string, string> _tars = new(StringComparer.Ordinal);
    private HashSet<string>? _files;

    /// <summary>Why there can be no plan; null if there can.</summary>
    public string? Problem { get; init; }

    public List<SampleSource> Sources { get; } = [];

    /// <summary>Generator by generator, then by index.</summary>
    public List<ReadSample> Samples { get; } = [];

    public long Skipped { get; set; }

    /// <summary>The files that every sample has.</summary>
    public IReadOnlyList<string> Files => [.. (_files ?? []).Order(StringComparer.Ordinal)];

    /// <param name="row">A sample.</param>
    /// <param name="place">Its place in the shuffle.</param>
    /// <param name="offset">Where it begins in its tar; null without one.</param>
    public void Add(SampleRow row, ulong place, long? offset)
    {
        var names = row.Record.Files.Select(static file => file.Name);
        var key = string.Join('\n', names.Prepend($"{row.Generator.Name}\n{row.Domain}\n{row.Split}"));
        if (!_sources.TryGetValue(key, out var source))
        {
            string[] files = [.. names];
            _sources.Add(key, source = Sources.Count);
            Sources.Add(new SampleSource(row.Generator.Name, row.Domain, files, row.Split is "" ? null : row.Split));
            if (_files is null) _files = new HashSet<string>(files, StringComparer.Ordinal);
            else _files.IntersectWith(files);
        }

        Samples.Add(new ReadSample(source, row.Record.Index, [.. row.Record.Files.Select(static file => (int)file.Bytes)],
            SampleDigest.Of(row.Record), TarOf(row), offset, place));
    }

    private string? TarOf(SampleRow row)
    {
        if (row.Shard is not { Length: > 0 } tar) return null;
        if (_tars.TryGetValue(row.Split, out var last) && last == tar) return last;
        return _tars[row.Split] = tar;
    }
}

/// <param name="Place">Its place in the shuffle.</param>
internal sealed record ReadSample(int Source, int Index, int[] Bytes, ulong Digest, string? Tar, long? Offset, ulong Place)
{
    /// <param name="source">The place of its source in a list.</param>
    public PlannedSample Planned(int source) =>
        new(source, Index, [.. Bytes.Select(static each => (long)each)], SampleDigest.Text(Digest), Tar, Offset);
}
