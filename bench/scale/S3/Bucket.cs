namespace VmDataset.Bench.Scale.S3;

/// <summary>Objects in the order of their keys. A LIST costs what its page holds, however many objects there are.</summary>
internal sealed class Bucket
{
    private readonly SortedSet<S3Object> _objects =
        new(Comparer<S3Object>.Create(static (one, other) => string.CompareOrdinal(one.Key, other.Key)));

    private readonly Lock _lock = new();

    public int Count
    {
        get
        {
            lock (_lock) return _objects.Count;
        }
    }

    public S3Object? Find(string key)
    {
        lock (_lock) return _objects.TryGetValue(Probe(key), out var found) ? found : null;
    }

    /// <returns>False if the key is taken and <paramref name="ifAbsent"/> is set.</returns>
    public bool Put(S3Object added, bool ifAbsent = false)
    {
        lock (_lock)
        {
            if (_objects.Add(added)) return true;
            if (ifAbsent) return false;
            _objects.Remove(added);
            return _objects.Add(added);
        }
    }

    public void Delete(string key)
    {
        lock (_lock) _objects.Remove(Probe(key));
    }

    /// <summary>The first objects below a prefix and behind a key.</summary>
    /// <returns>At most <paramref name="max"/>, and whether there are more.</returns>
    public (List<S3Object> Page, bool HasMore) List(string prefix, string? after, int max)
    {
        // Behind all keys with the prefix; keys are ASCII.
        var (from, to) = (Probe(prefix), Probe(prefix + '\uffff'));
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0) from = Probe(after + '\0');
        if (string.CompareOrdinal(from.Key, to.Key) > 0) return ([], false);
        List<S3Object> page = [];
        lock (_lock)
        {
            foreach (var found in _objects.GetViewBetween(from, to))
            {
                if (page.Count == max) return (page, true);
                page.Add(found);
            }
        }

        return (page, false);
    }

    private static S3Object Probe(string key) => new(key, 0, default, static () => Stream.Null);
}
