using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>Notes the keys of reads, writes and LISTs, and calls back before reads and writes.</summary>
internal sealed class WatchedStore(IObjectStore inner) : ForwardingStore(inner)
{
    public ConcurrentQueue<string> Reads { get; } = new();

    public ConcurrentQueue<string> Writes { get; } = new();

    public ConcurrentQueue<string> Lists { get; } = new();

    /// <summary>Gets the number of the write, from 1, and its key.</summary>
    public Action<int, string>? BeforeWrite { get; set; }

    /// <summary>Gets the key of each write of a record.</summary>
    public Func<string, Task>? BeforeWriteAsync { get; set; }

    /// <summary>Gets the key of each read.</summary>
    public Func<string, Task>? BeforeRead { get; set; }

    public void Reset()
    {
        BeforeWrite = null;
        BeforeWriteAsync = null;
        BeforeRead = null;
        Reads.Clear();
        Writes.Clear();
        Lists.Clear();
    }

    public override async Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        Reads.Enqueue(key);
        if (BeforeRead is { } before) await before(key);
        return await base.GetAsync(key, cancellationToken);
    }

    public override async Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        Note(key);
        if (BeforeWriteAsync is { } before) await before(key);
        return await base.PutAsync(key, content, ifAbsent, cancellationToken);
    }

    public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        Note(key);
        return base.PutFileAsync(key, path, cancellationToken);
    }

    public override async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Lists.Enqueue(prefix);
        await foreach (var entry in base.ListAsync(prefix, startAfter, cancellationToken)) yield return entry;
    }

    private void Note(string key)
    {
        BeforeWrite?.Invoke(Writes.Count + 1, key);
        Writes.Enqueue(key);
    }
}
