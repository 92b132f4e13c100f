using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>The versions of generators that workers drew beside those that a job was submitted with. Workers, which run foreign code,
/// cannot write to a job's log: they note a version here, and the reconciler adds it to the log.</summary>
public sealed class DrawnVersions(IObjectStore store)
{
    private const int CacheSize = 10_000;

    // Each message of a batch would note it again.
    private readonly ConcurrentDictionary<string, bool> _noted = new(StringComparer.Ordinal);

    /// <summary>Notes a version, once for each process.</summary>
    public async Task NoteAsync(string jobId, string generator, string version, CancellationToken cancellationToken = default)
    {
        var key = ObjectKeys.DrawnVersion(jobId, generator, version);
        if (_noted.ContainsKey(key)) return;
        await store.PutAsync(key, Stream.Null, ifAbsent: true, cancellationToken);
        if (_noted.Count >= CacheSize) _noted.Clear();
        _noted[key] = true;
    }

    /// <summary>What was noted, in the order of the generators' names. One LIST.</summary>
    public async IAsyncEnumerable<(string Generator, string Version)> ReadAsync(
        string jobId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prefix = ObjectKeys.DrawnVersionPrefix(jobId);
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
            if (entry.Key[prefix.Length..].Split('/') is [var generator, var version]) yield return (generator, version);
    }
}
