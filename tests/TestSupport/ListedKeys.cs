using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Tests;

/// <summary>A store of manifests that are names alone, so that a test may have very many. It notes where each LIST of them began.</summary>
public sealed class ListedKeys(IObjectStore inner, string folder) : ForwardingStore(inner)
{
    private readonly SortedDictionary<string, ObjectEntry> _entries = new(StringComparer.Ordinal);

    public ConcurrentQueue<(string Prefix, string? StartAfter)> Lists { get; } = new();

    public void Put(string key, DateTimeOffset at, long size = 10_000) => _entries[key] = new ObjectEntry(key, size, at);

    public void Remove(string key) => _entries.Remove(key);

    /// <summary>LISTs of the manifests wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public override async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!prefix.StartsWith(folder, StringComparison.Ordinal))
        {
            await foreach (var entry in base.ListAsync(prefix, startAfter, cancellationToken)) yield return entry;
            yield break;
        }

        Lists.Enqueue((prefix, startAfter));
        await Gate;
        foreach (var entry in _entries.Values)
        {
            if (entry.Key.StartsWith(prefix, StringComparison.Ordinal)
                && (startAfter is null || string.CompareOrdinal(entry.Key, startAfter) > 0)) yield return entry;
        }
    }
}
