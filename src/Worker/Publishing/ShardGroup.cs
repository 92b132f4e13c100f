using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>The shards of consecutive samples that one manifest will tell of: one shard, or one for each split that has samples of
/// them.</summary>
/// <param name="shards">Makes an empty shard.</param>
/// <param name="splits">The splits; null for one shard.</param>
internal sealed class ShardGroup(Func<ShardWriter> shards, SplitPlan? splits) : IAsyncDisposable
{
    private readonly SortedDictionary<string, ShardWriter> _writers = new(StringComparer.Ordinal);
    private long _bytes;

    public string? Domain { get; private set; }

    public List<SampleRecord> Samples { get; } = [];

    /// <summary>Bytes of its whole samples.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The shards that hold a sample, in the order of their splits' names; null is the split of all samples.</summary>
    public IEnumerable<(string? Split, ShardWriter Shard)> Filled => _writers.Where(static each => each.Value.Samples.Count > 0)
        .Select(each => (splits is null ? null : each.Key, each.Value));

    /// <summary>Whether the sample may follow those that are here: next index, same domain, same fields, and room for it.</summary>
    public bool Takes(Sample sample) => Samples is [] || (Domain == sample.Domain && Samples[^1].Index + 1 == sample.Record.Index
        && Samples[0].Files.Select(static file => file.Name).SequenceEqual(sample.Record.Files.Select(static file => file.Name))
        && (!_writers.TryGetValue(SplitOf(sample), out var shard) || shard.HasRoomFor(sample)));

    /// <summary>Adds a sample. When it throws, the shards are as they were before.</summary>
    /// <exception cref="InvalidSampleException">A file of the sample cannot be read, or is not what was read.</exception>
    /// <exception cref="IOException">The shard cannot be written: the disk is full.</exception>
    public async Task AddAsync(Sample sample, CancellationToken cancellationToken)
    {
        var split = SplitOf(sample);
        if (!_writers.TryGetValue(split, out var shard)) _writers.Add(split, shard = shards());
        await shard.AddAsync(sample, cancellationToken);
        Domain = sample.Domain;
        Samples.Add(sample.Record);
        Interlocked.Exchange(ref _bytes, _writers.Values.Sum(static each => each.Bytes));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in _writers.Values) await shard.DisposeAsync();
    }

    private string SplitOf(Sample sample) => splits?.Of(sample.Record.Fingerprint) ?? "";
}
