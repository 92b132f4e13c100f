namespace VmDataset.Pipeline.Deduplication;

/// <summary>Tells repeated samples of one generator from new ones. They are to come in the order of their indices.</summary>
public sealed class DistinctSamples
{
    // Half of a SHA-256 is enough to tell a billion samples apart, and a third of its text in memory.
    private readonly Dictionary<UInt128, int> _first = [];

    public int Seen { get; private set; }

    public int Count => _first.Count;

    /// <summary>How many came after the last new one.</summary>
    public int SinceLastNew { get; private set; }

    /// <param name="fingerprint">See <c>Progress.SampleRecord.Fingerprint</c>.</param>
    /// <param name="index">The sample's index.</param>
    /// <returns>The index of the sample that this one repeats, or null if it is new.</returns>
    public int? Add(string fingerprint, int index)
    {
        Seen++;
        SinceLastNew++;
        var key = UInt128.Parse(fingerprint.AsSpan(0, 32), System.Globalization.NumberStyles.AllowHexSpecifier,
            System.Globalization.CultureInfo.InvariantCulture);
        if (_first.TryGetValue(key, out var first)) return first;
        _first.Add(key, index);
        SinceLastNew = 0;
        return null;
    }
}
