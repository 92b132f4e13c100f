namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>Ranges in the order of their starts, seen through a window that only moves forward: a long list is read as far as
/// needed.</summary>
internal sealed class RangeWindow(IAsyncEnumerable<RangeObject> objects, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<RangeObject> _objects = objects.GetAsyncEnumerator(cancellationToken);
    private readonly List<RangeObject> _held = [];
    private RangeObject? _ahead;

    /// <summary>Those that share an index with the window.</summary>
    /// <param name="window">Begins no earlier than the one before.</param>
    public async Task<IReadOnlyList<RangeObject>> OverAsync(SampleRange window)
    {
        while ((_ahead ??= await _objects.MoveNextAsync() ? _objects.Current : null) is { } next && next.Range.Start < window.End)
        {
            _held.Add(next);
            _ahead = null;
        }

        _held.RemoveAll(each => each.Range.End <= window.Start);
        return [.. _held];
    }

    public ValueTask DisposeAsync() => _objects.DisposeAsync();
}

/// <summary>An object whose key names a range.</summary>
internal sealed record RangeObject(string Key, SampleRange Range, DateTimeOffset At);
