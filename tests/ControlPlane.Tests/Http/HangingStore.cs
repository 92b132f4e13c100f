using System.Runtime.CompilerServices;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Http;

/// <summary>A store that takes every call and, while it hangs, answers none.</summary>
internal sealed class HangingStore(IObjectStore store) : IObjectStore
{
    private int _calls;
    private int _writes;

    public bool Hangs { get; set; } = true;

    /// <summary>Every call, writes among them.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public int Writes => Volatile.Read(ref _writes);

    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default) =>
        WriteAsync(() => store.PutAsync(key, content, ifAbsent, cancellationToken), cancellationToken);

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
        WriteAsync(async () =>
        {
            await store.PutFileAsync(key, path, cancellationToken);
            return true;
        }, cancellationToken);

    public async Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        await HangAsync(cancellationToken);
        return await store.GetAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await HangAsync(cancellationToken);
        await foreach (var entry in store.ListAsync(prefix, startAfter, cancellationToken)) yield return entry;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => DeleteManyAsync([key], cancellationToken);

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        WriteAsync(async () =>
        {
            await store.DeleteManyAsync(keys, cancellationToken);
            return true;
        }, cancellationToken);

    public Uri? DownloadLink(string key, TimeSpan validFor) => null;

    private async Task<T> WriteAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _writes);
        await HangAsync(cancellationToken);
        return await write();
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Hangs) await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
