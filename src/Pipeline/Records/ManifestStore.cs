using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Reads manifests. An unreadable one counts as missing: as progress is counted from keys, a note with the reason takes its place
/// under another key. From then on the job's state, its samples and a retry agree. The samples' files stay.</summary>
public static class ManifestStore
{
    /// <summary>Reads a manifest, or as a record with some of its fields; null if it is gone or cannot be read.</summary>
    public static async Task<T?> GetManifestAsync<T>(
        this IObjectStore store, string key, RecordWarnings? warnings = null, CancellationToken cancellationToken = default)
        where T : class
    {
        var read = await store.TryGetJsonAsync<T>(key, cancellationToken);
        if (read is StoredRecord<Manifest> whole) read =
            (StoredRecord<T>)(object)whole.Where(manifest => IsNamed(manifest, key), "it holds other samples than its key says.");
        if (read.OrWarn(warnings) is null && read.Unreadable is { } reason) await SetAsideAsync(store, key, reason, cancellationToken);
        return read.Value;
    }

    private static bool IsNamed(Manifest manifest, string key) =>
        ObjectKeys.TryParseRange(key, out var generator, out var range) && manifest.Generator == generator
        && manifest.StartIndex == range.Start && manifest.NumSamples == range.Count && manifest.Samples.Count == range.Count;

    private static async Task SetAsideAsync(IObjectStore store, string key, string reason, CancellationToken cancellationToken)
    {
        try
        {
            // The note first, so that the range is never without either.
            await store.PutJsonAsync(ObjectKeys.Unreadable(key), new UnreadableManifest(reason), cancellationToken: cancellationToken);
            await store.DeleteAsync(key, cancellationToken);
        }
        catch (ServiceUnreachableException)
        {
            // The next reader tries again.
        }
    }
}

/// <summary>Takes the place of a manifest that cannot be read; its key carries the range.</summary>
public sealed record UnreadableManifest(string Reason);
