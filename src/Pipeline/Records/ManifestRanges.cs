using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <param name="Done">Ranges that have a manifest.</param>
/// <param name="Unreadable">Ranges whose manifest cannot be read.</param>
internal sealed record ManifestRanges(List<RangeEntry> Done, List<RangeEntry> Unreadable)
{
    public static ManifestRanges Concat(IEnumerable<ManifestRanges> parts)
    {
        var all = parts.ToList();
        return new ManifestRanges([.. all.SelectMany(static each => each.Done)], [.. all.SelectMany(static each => each.Unreadable)]);
    }

    public ManifestRanges Copy() => new([.. Done], [.. Unreadable]);

    /// <summary>Adds what a LIST shows; nothing for an object that is no manifest.</summary>
    /// <param name="entry">A listed object.</param>
    /// <param name="generator">The generator's name if the caller has it: many entries then share one text.</param>
    public void Add(ObjectEntry entry, string? generator = null)
    {
        var isDone = ObjectKeys.TryParseDone(entry, out var name, out var range);
        if (isDone || ObjectKeys.TryParseUnreadable(entry, out name, out range))
            (isDone ? Done : Unreadable).Add(new RangeEntry(generator ?? name, range, entry.LastModified));
    }
}
