using VmDataset.Pipeline.Storage;

namespace VmDataset.Tests;

/// <summary>Passes every call on. A test's store derives from it and changes the calls that the test is about.</summary>
public abstract class ForwardingStore(IObjectStore inner) : IObjectStore
{
    public virtual Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        inner.PutAsync(key, content, ifAbsent, cancellationToken);

    public virtual Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        inner.PutFileAsync(key, path, cancellationToken);

    public virtual Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) =>
        inner.GetAsync(key, cancellationToken);

    public virtual IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, CancellationToken cancellationToken = default) =>
        inner.ListAsync(prefix, startAfter, cancellationToken);

    public virtual Task DeleteAsync(string key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public virtual Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        inner.DeleteManyAsync(keys, cancellationToken);

    public Uri? DownloadLink(string key, TimeSpan validFor) => inner.DownloadLink(key, validFor);
}
