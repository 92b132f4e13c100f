using System.Collections.Concurrent;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Events;

/// <summary>A store that counts its LISTs, and fails on demand.</summary>
internal sealed class WatchedStore(IObjectStore store) : ForwardingStore(store)
{
    private readonly ConcurrentDictionary<string, int> _lists = new();

    public bool Broken { get; set; }

    public int Failures { get; private set; }

    public int ListsOf(string prefix) => _lists.GetValueOrDefault(prefix);

    public override IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
    {
        _lists.AddOrUpdate(prefix, 1, static (_, count) => count + 1);
        if (!Broken) return base.ListAsync(prefix, startAfter, cancellationToken);
        Failures++;
        throw new IOException("The store is out of reach.");
    }
}
