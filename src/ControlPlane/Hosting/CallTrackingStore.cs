namespace VmDataset.ControlPlane.Hosting;

/// <summary>A store of which every call is noted in <see cref="CallProgress"/>, as the AWS engine's are.</summary>
internal sealed class CallTrackingStore(IObjectStore store) : IObjectStore
{
    // As many entries as S3 gives in one answer: to note each would cost more than to list it.
    private const int Page = 1_000;

    public async Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        Noted(await store.PutAsync(key, content, ifAbsent, cancellationToken));

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        NotedAsync(store.PutFileAsync(key, path, cancellationToken));

    public async Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) =>
        Noted(await store.GetAsync(key, cancellationToken));

    public async Task<byte[]?> GetStartAsync(string key, int bytes, CancellationToken cancellationToken = default) =>
        Noted(await store.GetStartAsync(key, bytes, cancellationToken));

    public async Task<byte[]?> GetRangeAsync(string key, long start, int bytes, CancellationToken cancellationToken = default) =>
        Noted(await store.GetRangeAsync(key, start, bytes, cancellationToken));

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

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        NotedAsync(store.DeleteAsync(key, cancellationToken));

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        NotedAsync(store.DeleteManyAsync(keys, cancellationToken));

    public Uri? DownloadLink(string key, TimeSpan validFor) => store.DownloadLink(key, validFor);

    private static async Task NotedAsync(Task call)
    {
        await call;
        CallProgress.Note();
    }

    private static T Noted<T>(T result)
    {
        CallProgress.Note();
        return result;
    }
}
