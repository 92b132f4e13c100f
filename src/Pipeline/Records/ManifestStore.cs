using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// Reads manifests. One that cannot be read counts as missing, and since what is done is counted from names, its name is changed: a note
/// beside it says why, and it goes. So the job's state, its samples and a retry agree from then on. The samples' files stay.
/// </summary>
public static class ManifestStore
{
    /// <summary>A manifest, or another record that tells a part of one; null if it is gone or cannot be read.</summary>
    public static async Task<T?> GetManifestAsync<T>(this IObjectStore store, string key, RecordWarnings? warnings = null, CancellationToken cancellationToken = default)
        where T : class
    {
        var read = await store.TryGetJsonAsync<T>(key, cancellationToken);
        if (read is StoredRecord<Manifest> whole) read = (StoredRecord<T>)(object)whole.Where(manifest => IsNamed(manifest, key), "it tells of other samples than its name.");
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
            // The note first: what was there once must not be forgotten.
            await store.PutJsonAsync(ObjectKeys.Unreadable(key), new UnreadableManifest(reason), cancellationToken: cancellationToken);
            await store.DeleteAsync(key, cancellationToken);
        }
        catch (ServiceUnreachableException)
        {
            // The next reader tries again.
        }
    }
}

/// <summary>Stands for a manifest that cannot be read; its key tells the range.</summary>
/// <param name="Reason">Why not.</param>
public sealed record UnreadableManifest(string Reason);
