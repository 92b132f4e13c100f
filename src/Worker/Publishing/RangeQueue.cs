namespace VmDataset.Worker.Publishing;

/// <summary>The indices of a range set in ascending order, one at a time. Not safe for concurrent <see cref="Advance"/>.</summary>
internal sealed class RangeQueue
{
    private readonly SampleRange[] _ranges;
    private int _range;
    private volatile int _next;

    public RangeQueue(RangeSet ranges)
    {
        _ranges = [.. ranges];
        _next = _ranges.Length > 0 ? _ranges[0].Start : -1;
    }

    /// <summary>The lowest index left, or null when there is none.</summary>
    public int? Next => _next is >= 0 and var next ? next : null;

    public void Advance()
    {
        if (_next + 1 < _ranges[_range].End) _next++;
        else _next = ++_range < _ranges.Length ? _ranges[_range].Start : -1;
    }
}
