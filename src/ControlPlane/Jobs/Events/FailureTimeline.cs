namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>A failure record as LIST shows it. A later failure of the same range replaces it under the same key.</summary>
/// <param name="At">When it was written, in milliseconds since 1970.</param>
/// <param name="Tag">Distinguishes records of one time under one key.</param>
internal readonly record struct FailureEntry(long At, string Key, string Tag = "") : IComparable<FailureEntry>
{
    public int CompareTo(FailureEntry other) => At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(Key, other.Key);
}

/// <summary>A place in the order of failures. S3 dates objects to the second, and of two written together the later dated may be seen
/// first. So a hash covers the failures shortly before the place; if it does not fit, they come again rather than not at all.</summary>
/// <param name="At">The time of the last failure before the place.</param>
/// <param name="Count">Failures from <see cref="FailureTimeline.Margin"/> before that time up to the place.</param>
internal readonly record struct FailurePosition(long At, int Count, string Hash)
{
    public static FailurePosition None { get; } = new(0, 0, new string('0', 16));
}

/// <summary>A job's failure records, in the order of their times. Never changed.</summary>
internal sealed class FailureTimeline
{
    /// <summary>How long after one with a later time a record may come into sight, in milliseconds.</summary>
    public const int Margin = 10_000;

    private readonly FailureEntry[] _entries;

    public FailureTimeline(IEnumerable<FailureEntry> entries)
    {
        _entries = [.. entries];
        Array.Sort(_entries);
    }

    public static FailureTimeline None { get; } = new([]);

    public int Count => _entries.Length;

    public ReadOnlySpan<FailureEntry> Span => _entries;

    public bool IsSame(FailureTimeline other) => Span.SequenceEqual(other.Span);

    /// <summary>The index from which on a client at this place lacks failures.</summary>
    public int After(FailurePosition position)
    {
        var from = First(position.At - Margin);
        return from + position.Count <= _entries.Length && Hash(from, position.Count) == position.Hash ? from + position.Count : from;
    }

    /// <summary>The place behind the first <paramref name="count"/>.</summary>
    public FailurePosition Position(int count)
    {
        if (count == 0) return FailurePosition.None;
        var at = _entries[count - 1].At;
        var from = First(at - Margin);
        return new FailurePosition(at, count - from, Hash(from, count - from));
    }

    /// <summary>Those that an earlier reading has not.</summary>
    public IReadOnlyList<FailureEntry> Since(FailureTimeline earlier)
    {
        List<FailureEntry> added = [];
        var e = 0;
        foreach (var entry in _entries)
        {
            while (e < earlier._entries.Length && earlier._entries[e].CompareTo(entry) < 0) e++;
            if (e == earlier._entries.Length || earlier._entries[e] != entry) added.Add(entry);
        }

        return added;
    }

    private int First(long at)
    {
        var found = Array.BinarySearch(_entries, new FailureEntry(at, ""));
        return found < 0 ? ~found : found;
    }

    private string Hash(int from, int count)
    {
        if (count == 0) return FailurePosition.None.Hash;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (at, key, tag) in _entries.AsSpan(from, count))
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{at} {key} {tag}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
