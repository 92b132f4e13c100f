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

    /// <summary>Adds what a LIST shows, without objects that are no manifests.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">Of a job's manifests, or of one generator's.</param>
    /// <param name="startAfter">Where the LIST begins; null for all.</param>
    /// <param name="generator">The generator's name if the prefix is one generator's: many entries then share one text.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task AddAsync(
        IObjectStore store, string prefix, string? startAfter, string? generator, CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(prefix, startAfter, cancellationToken))
        {
            var isDone = ObjectKeys.TryParseDone(entry, out var name, out var range);
            if (isDone || ObjectKeys.TryParseUnreadable(entry, out name, out range))
                (isDone ? Done : Unreadable).Add(new RangeEntry(generator ?? name, range, entry.LastModified));
        }
    }
}
