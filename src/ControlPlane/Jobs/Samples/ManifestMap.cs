namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Which manifest of a generator has a sample.</summary>
internal sealed class ManifestMap
{
    private readonly List<int> _from = [];
    private readonly List<SampleRange> _ranges = [];

    private ManifestMap()
    {
    }

    /// <param name="done">The ranges of the manifests, in the order of their keys. They may overlap after a repeated delivery.</param>
    /// <param name="start">The first index that counts.</param>
    /// <param name="end">The index behind the last one.</param>
    public static ManifestMap Of(IEnumerable<SampleRange> done, int start, int end)
    {
        var map = new ManifestMap();
        // As the list of samples in their own order takes them: what an earlier manifest has is taken from there.
        foreach (var range in done.OrderBy(static each => each.Start))
        {
            if (range.End <= start || range.Start >= end) continue;
            map._from.Add(Math.Max(start, range.Start));
            map._ranges.Add(range);
            start = range.End;
        }

        return map;
    }

    /// <summary>The range of the manifest with an index; null if there is none.</summary>
    public SampleRange? Find(int index)
    {
        var at = _from.BinarySearch(index);
        if (at < 0) at = ~at - 1;
        return at >= 0 && index < _ranges[at].End ? _ranges[at] : null;
    }
}
