using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>Gathers planned shards into parts.</summary>
/// <param name="sources">The sources of all samples.</param>
/// <param name="limits">The most that a part has.</param>
internal sealed class ShardParts(List<SampleSource> sources, PartLimits limits)
{
    private readonly Dictionary<int, int> _places = [];
    private List<PlannedShard> _shards = [];
    private List<SampleSource> _sources = [];
    private long _bytes, _samples;

    /// <summary>The parts that there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a shard.</summary>
    /// <returns>The part before it, if the shard does not fit into that.</returns>
    public (int Part, ExportPartPlan Plan)? Add(string path, List<ReadSample> samples, long bytes)
    {
        var full = _bytes + bytes > limits.Bytes || _samples + samples.Count > limits.Samples || _shards.Count == limits.Shards
            ? Take() : null;
        _shards.Add(new PlannedShard(path, [.. samples.Select(sample => sample.Planned(PlaceOf(sample.Source)))]));
        _bytes += bytes;
        _samples += samples.Count;
        return full;
    }

    /// <summary>Takes what has been added since the last part; null if there is nothing.</summary>
    public (int Part, ExportPartPlan Plan)? Take()
    {
        if (_shards.Count == 0) return null;
        var plan = new ExportPartPlan(_sources, _shards);
        (_shards, _sources, _bytes, _samples) = ([], [], 0, 0);
        _places.Clear();
        return (++Count, plan);
    }

    private int PlaceOf(int source)
    {
        if (_places.TryGetValue(source, out var place)) return place;
        _places.Add(source, _sources.Count);
        _sources.Add(sources[source]);
        return _sources.Count - 1;
    }
}
