using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

/// <summary>Notes the prefix of every LIST and the key of every write.</summary>
internal sealed class CountingStore(IObjectStore inner) : IObjectStore
{
    public ConcurrentQueue<string> Lists { get; } = new();

    public ConcurrentQueue<string> Writes { get; } = new();

    /// <summary>Makes every LIST wait so long, so that readers meet.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Puts one before the application's store.</summary>
    public static void Add(IServiceCollection services, Action<CountingStore> added)
    {
        var store = services.Last(static each => each.ServiceType == typeof(IObjectStore)).ImplementationFactory!;
        services.AddSingleton<IObjectStore>(provider =>
        {
            var counting = new CountingStore((IObjectStore)store(provider));
            added(counting);
            return counting;
        });
    }

    public void Reset()
    {
        Lists.Clear();
        Writes.Clear();
    }

    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return inner.PutAsync(key, content, ifAbsent, cancellationToken);
    }

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return inner.PutFileAsync(key, path, cancellationToken);
    }

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default) => inner.GetAsync(key, cancellationToken);

    public async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Lists.Enqueue(prefix);
        await Task.Delay(Delay, cancellationToken);
        await foreach (var entry in inner.ListAsync(prefix, startAfter, cancellationToken)) yield return entry;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return inner.DeleteAsync(key, cancellationToken);
    }

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        foreach (var key in keys) Writes.Enqueue(key);
        return inner.DeleteManyAsync(keys, cancellationToken);
    }

    public Uri? DownloadLink(string key, TimeSpan validFor) => inner.DownloadLink(key, validFor);
}
