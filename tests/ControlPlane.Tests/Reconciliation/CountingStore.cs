using System.Collections.Concurrent;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

/// <summary>Notes the prefix of every LIST and the key of every write.</summary>
internal sealed class CountingStore(IObjectStore inner) : ForwardingStore(inner)
{
    public ConcurrentQueue<string> Lists { get; } = new();

    public ConcurrentQueue<string> Writes { get; } = new();

    /// <summary>Makes every LIST wait so long, so that readers meet.</summary>
    public TimeSpan Delay { get; set; }

    public void Reset()
    {
        Lists.Clear();
        Writes.Clear();
    }

    public override Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return base.PutAsync(key, content, ifAbsent, cancellationToken);
    }

    public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return base.PutFileAsync(key, path, cancellationToken);
    }

    public override async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Lists.Enqueue(prefix);
        await Task.Delay(Delay, cancellationToken);
        await foreach (var entry in base.ListAsync(prefix, startAfter, cancellationToken)) yield return entry;
    }

    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Writes.Enqueue(key);
        return base.DeleteAsync(key, cancellationToken);
    }

    public override Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        foreach (var key in keys) Writes.Enqueue(key);
        return base.DeleteManyAsync(keys, cancellationToken);
    }
}
