using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Tells repeated samples of one generator from new ones. They are to come in the order of their indices.</summary>
/// <param name="known">Samples of other jobs, by <see cref="KeyOf"/>: none of them is new. Null for none.</param>
public sealed class DistinctSamples(IReadOnlySet<UInt128>? known = null)
{
    private readonly Dictionary<UInt128, int> _first = [];
    private readonly HashSet<UInt128> _known = [];

    public int Seen { get; private set; }

    /// <summary>New samples.</summary>
    public int Count => _first.Count;

    /// <summary>Different samples that other jobs have.</summary>
    public int Known => _known.Count;

    /// <summary>How many came after the last one that was not among those before it.</summary>
    public int SinceLastNew { get; private set; }

    /// <param name="fingerprint">See <see cref="SampleRecord.Fingerprint"/>.</param>
    /// <param name="index">The sample's index.</param>
    /// <returns>Why it is none of the job's samples; null if it is new.</returns>
    public Excluded? Add(string fingerprint, int index)
    {
        Seen++;
        SinceLastNew++;
        var key = KeyOf(fingerprint);
        if (known?.Contains(key) == true)
        {
            if (_known.Add(key)) SinceLastNew = 0;
            return new Excluded(InOtherJob: true);
        }

        if (_first.TryGetValue(key, out var first)) return new Excluded(first);
        _first.Add(key, index);
        SinceLastNew = 0;
        return null;
    }

    /// <summary>Half of a fingerprint: enough to tell a billion samples apart, and a third of its text in memory.</summary>
    public static UInt128 KeyOf(string fingerprint) =>
        UInt128.Parse(fingerprint.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
