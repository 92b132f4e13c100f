using System.Collections;

namespace VmDataset.Pipeline.Ranges;

/// <summary>A set of sample indices, kept as ascending ranges that neither overlap nor touch. Progress, resume, retry and hand-over are
/// unions and differences of these sets.</summary>
public sealed class RangeSet : IReadOnlyCollection<SampleRange>
{
    public static readonly RangeSet Empty = new([]);

    private readonly List<SampleRange> _ranges;

    private RangeSet(List<SampleRange> ranges) => _ranges = ranges;

    /// <summary>The union of any ranges: unsorted, overlapping and repeated ones are fine. O(n log n).</summary>
    public static RangeSet Of(IEnumerable<SampleRange> ranges)
    {
        var sorted = ranges.ToList();
        sorted.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var merged = new List<SampleRange>(sorted.Count);
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && merged[^1].End >= range.Start)
                merged[^1] = SampleRange.Between(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            else
                merged.Add(range);
        }

        return new RangeSet(merged);
    }

    public static RangeSet Of(params SampleRange[] ranges) => Of(ranges.AsEnumerable());

    /// <summary>The number of indices in the set.</summary>
    public long SampleCount => _ranges.Sum(static range => (long)range.Count);

    /// <summary>The number of separate ranges.</summary>
    public int Count => _ranges.Count;

    public bool IsEmpty => _ranges.Count == 0;

    public RangeSet Union(RangeSet other) => Of(_ranges.Concat(other._ranges));

    /// <summary>What is in this set and not in the other. O(n + m).</summary>
    public RangeSet Subtract(RangeSet other)
    {
        var left = new List<SampleRange>();
        var o = 0;
        foreach (var range in _ranges)
        {
            var start = range.Start;
            while (o < other._ranges.Count && other._ranges[o].End <= start) o++;
            for (var i = o; i < other._ranges.Count && other._ranges[i].Start < range.End; i++)
            {
                var hole = other._ranges[i];
                if (hole.Start > start) left.Add(SampleRange.Between(start, hole.Start));
                start = Math.Max(start, hole.End);
            }

            if (start < range.End) left.Add(SampleRange.Between(start, range.End));
        }

        return new RangeSet(left);
    }

    public RangeSet Intersect(RangeSet other) => Subtract(Subtract(other));

    /// <summary>Whether every index of <paramref name="range"/> is in the set. O(log n).</summary>
    public bool Covers(SampleRange range) => Find(range.Start, range.Start + 1) is { } found && found.End >= range.End;

    /// <summary>Whether any index of <paramref name="range"/> is in the set. O(log n).</summary>
    public bool Overlaps(SampleRange range) => Find(range.Start, range.End) is not null;

    private SampleRange? Find(int start, int end)
    {
        int low = 0, high = _ranges.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (end <= _ranges[middle].Start) high = middle - 1;
            else if (start >= _ranges[middle].End) low = middle + 1;
            else return _ranges[middle];
        }

        return null;
    }

    public IEnumerator<SampleRange> GetEnumerator() => _ranges.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(" ", _ranges);
}
