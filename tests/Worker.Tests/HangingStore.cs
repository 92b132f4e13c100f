using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests;

/// <summary>A store that takes samples and never answers, whatever is cancelled.</summary>
internal sealed class HangingStore(IObjectStore inner) : IObjectStore
{
    private readonly TaskCompletionSource _never = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first sample has come.</summary>
    public Task Asked => _asked.Task;

    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) => inner.PutAsync(key, content, ifAbsent, cancellationToken);

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        _asked.TrySetResult();
        return _never.Task;
    }

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) => inner.GetAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default) =>
        inner.ListAsync(prefix, startAfter, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) => inner.DeleteManyAsync(keys, cancellationToken);

    public Uri? DownloadLink(string key, TimeSpan validFor) => inner.DownloadLink(key, validFor);
}
