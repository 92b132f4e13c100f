using System.Collections.Concurrent;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Events;

/// <summary>A store that counts its LISTs, and fails on demand.</summary>
internal sealed class WatchedStore(IObjectStore store) : IObjectStore
{
    private readonly ConcurrentDictionary<string, int> _lists = new();

    public bool Broken { get; set; }

    public int Failures { get; private set; }

    public int ListsOf(string prefix) => _lists.GetValueOrDefault(prefix);

    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        store.PutAsync(key, content, ifAbsent, cancellationToken);

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) => store.PutFileAsync(key, path, cancellationToken);

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) => store.GetAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
    {
        _lists.AddOrUpdate(prefix, 1, static (_, count) => count + 1);
        if (!Broken) return store.ListAsync(prefix, startAfter, cancellationToken);
        Failures++;
        throw new IOException("The store is out of reach.");
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => store.DeleteAsync(key, cancellationToken);

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) => store.DeleteManyAsync(keys, cancellationToken);

    public Uri? DownloadLink(string key, TimeSpan validFor) => store.DownloadLink(key, validFor);
}
