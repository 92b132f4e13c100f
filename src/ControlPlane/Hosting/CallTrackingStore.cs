namespace VmDataset.ControlPlane.Hosting;

/// <summary>A store of which every call is noted in <see cref="CallProgress"/>, as the AWS engine's are.</summary>
internal sealed class CallTrackingStore(IObjectStore store) : IObjectStore
{
    // As many entries as S3 gives in one answer: to note each would cost more than to list it.
    private const int Page = 1_000;

    public async Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        Noted(await store.PutAsync(key, content, ifAbsent, cancellationToken));

    public async Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        await store.PutFileAsync(key, path, cancellationToken);
        CallProgress.Note();
    }

    public async Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) =>
        Noted(await store.GetAsync(key, cancellationToken));

    public async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var listed = 0;
        await foreach (var entry in store.ListAsync(prefix, startAfter, cancellationToken))
        {
            if (++listed % Page == 0) CallProgress.Note();
            yield return entry;
        }

        CallProgress.Note();
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        await store.DeleteAsync(key, cancellationToken);
        CallProgress.Note();
    }

    public async Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        await store.DeleteManyAsync(keys, cancellationToken);
        CallProgress.Note();
    }

    public Uri? DownloadLink(string key, TimeSpan validFor) => store.DownloadLink(key, validFor);

    private static T Noted<T>(T result)
    {
        CallProgress.Note();
        return result;
    }
}
