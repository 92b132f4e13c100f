using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests;

/// <summary>A store with no room left for a job's data.</summary>
internal sealed class FullStore(IObjectStore inner) : IObjectStore
{
    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        key.StartsWith("jobs/", StringComparison.Ordinal) ? throw new IOException("No space left on device") : inner.PutAsync(key, content, ifAbsent, cancellationToken);

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        throw new IOException("No space left on device");

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) => inner.GetAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default) =>
        inner.ListAsync(prefix, startAfter, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) => inner.DeleteManyAsync(keys, cancellationToken);

    public Uri? DownloadLink(string key, TimeSpan validFor) => inner.DownloadLink(key, validFor);
}
