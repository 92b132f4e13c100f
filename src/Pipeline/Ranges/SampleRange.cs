namespace VmDataset.Pipeline.Ranges;

/// <summary>A half-open range of sample indices, <c>[Start, Start + Count)</c>.</summary>
[JsonConverter(typeof(SampleRangeConverter))]
public readonly record struct SampleRange
{
    /// <summary>Indices are written with eight digits in object keys, so that LIST returns them in order.</summary>
    public const int MaxEnd = 100_000_000;

    /// <param name="start">First index, 0 or more.</param>
    /// <param name="count">Number of indices, 1 or more; <c>start + count</c> is at most <see cref="MaxEnd"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is broken.</exception>
    public SampleRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + count, MaxEnd, nameof(count));
        Start = start;
        Count = count;
    }

    public int Start { get; }

    public int Count { get; }

    /// <summary>The index after the last one.</summary>
    public int End => Start + Count;

    public static SampleRange Between(int start, int end) => new(start, end - start);

    /// <summary>The grid of batches that covers this range; the last one may be smaller.</summary>
    /// <param name="size">Indices per batch, 1 or more.</param>
    public IEnumerable<SampleRange> Split(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Batches(this, size);

        static IEnumerable<SampleRange> Batches(SampleRange range, int size)
        {
            for (var start = range.Start; start < range.End; start += size)
                yield return Between(start, Math.Min(range.End, start + size));
        }
    }

    /// <summary>The part the two have in common, or null.</summary>
    public SampleRange? Intersect(SampleRange other)
    {
        var start = Math.Max(Start, other.Start);
        var end = Math.Min(End, other.End);
        return start < end ? Between(start, end) : null;
    }

    /// <summary>The form used in object keys: <c>00000100-50</c>.</summary>
    public string ToKey() => string.Create(CultureInfo.InvariantCulture, $"{Start:D8}-{Count}");

    public static bool TryParseKey(ReadOnlySpan<char> text, out SampleRange range)
    {
        range = default;
        if (text.Length < 10 || text[8] != '-'
            || !int.TryParse(text[..8], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || !int.TryParse(text[9..], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count < 1 || (long)start + count > MaxEnd)
        {
            return false;
        }

        range = new SampleRange(start, count);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Start}, {End})");
}
