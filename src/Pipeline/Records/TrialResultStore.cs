using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>What became of trying generators, in the object store: one worker's check serves the whole fleet.</summary>
public sealed class TrialResultStore(IObjectStore store, TimeProvider time, RecordWarnings? warnings = null)
{
    // Whoever lists generators and then submits a job looks twice within a moment.
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(1);
    private const int Parallelism = 8;

    private readonly ConcurrentDictionary<string, (DateTimeOffset Written, GeneratorTrialResult Check)> _known =
        new(StringComparer.Ordinal);
    private Listing? _listing;

    public Task WriteAsync(GeneratorTrialResult check, CancellationToken cancellationToken = default) =>
        store.PutJsonAsync(ObjectKeys.Check(check.Generator, check.Version), check, cancellationToken: cancellationToken);

    /// <summary>Asks the store; null while nobody has tried this version, or the verdict cannot be read.</summary>
    public async Task<GeneratorTrialResult?> FindAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        (await store.TryGetJsonAsync<GeneratorTrialResult>(ObjectKeys.Check(generator.Name, generator.Version), cancellationToken))
            .OrWarn(warnings);

    /// <summary>The checks of these versions, as of a moment ago; null for each that nobody has tried. One LIST, and what is new of
    /// it.</summary>
    public async Task<IReadOnlyList<GeneratorTrialResult?>> ReadAsync(
        IReadOnlyList<GeneratorInfo> generators, CancellationToken cancellationToken = default)
    {
        List<string> keys = [.. generators.Select(static generator => ObjectKeys.Check(generator.Name, generator.Version))];
        var listing = _listing;
        if (listing is null || time.GetUtcNow() - listing.At >= HoldsFor) _listing = listing = await ListAsync(cancellationToken);
        var fresh = keys.Where(key => listing.Written.TryGetValue(key, out var written)
            && (!_known.TryGetValue(key, out var known) || known.Written != written));
        await Parallel.ForEachAsync(fresh, new ParallelOptions
        {
            MaxDegreeOfParallelism = Parallelism,
            CancellationToken = cancellationToken
        }, async (key, stop) =>
        {
            if ((await store.TryGetJsonAsync<GeneratorTrialResult>(key, stop)).OrWarn(warnings) is { } check) _known[key] =
                (listing.Written[key], check);
        });
        return Recall(generators);
    }

    /// <summary>The same from memory alone, for when the store is out of reach.</summary>
    public IReadOnlyList<GeneratorTrialResult?> Recall(IReadOnlyList<GeneratorInfo> generators) => [.. generators.Select(generator =>
        _known.TryGetValue(ObjectKeys.Check(generator.Name, generator.Version), out var known) ? known.Check : null)];

    private async Task<Listing> ListAsync(CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        Dictionary<string, DateTimeOffset> written = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.CheckPrefix, cancellationToken: cancellationToken)) written[entry.Key] =
            entry.LastModified;
        return new Listing(at, written);
    }

    private sealed record Listing(DateTimeOffset At, IReadOnlyDictionary<string, DateTimeOffset> Written);
}
