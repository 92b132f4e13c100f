using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Markers of the jobs that need reconciling: one empty object each, so that one LIST names them all. A marker too many costs one
/// reading of its job; one too few would leave the job standing still. So it is set before work may be due, and removed last.</summary>
public sealed class PendingJobs(IObjectStore store, RecordWarnings? warnings = null)
{
    // Earlier versions kept one marker for a job's dataset and one for its webhook.
    private static readonly string[] FormerPrefixes = ["datasets/", "webhooks/"];

    public async Task MarkAsync(string jobId, CancellationToken cancellationToken = default)
    {
        using var empty = new MemoryStream();
        await store.PutAsync(ObjectKeys.Pending(jobId), empty, cancellationToken: cancellationToken);
    }

    public Task ClearAsync(string jobId, CancellationToken cancellationToken = default) =>
        store.DeleteAsync(ObjectKeys.Pending(jobId), cancellationToken);

    /// <summary>The jobs that are marked, and since when.</summary>
    public IAsyncEnumerable<(string JobId, DateTimeOffset Since)> ListAsync(CancellationToken cancellationToken = default) =>
        ListAsync(ObjectKeys.PendingPrefix, cancellationToken);

    /// <summary>Converts the markers of earlier versions. It may be cut short or run twice.</summary>
    public async Task ConvertAsync(CancellationToken cancellationToken = default)
    {
        foreach (var prefix in FormerPrefixes)
        {
            await foreach (var (jobId, _) in ListAsync(prefix, cancellationToken))
            {
                await MarkAsync(jobId, cancellationToken);
                await store.DeleteAsync(prefix + jobId, cancellationToken);
            }
        }
    }

    private async IAsyncEnumerable<(string JobId, DateTimeOffset Since)> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParsePending(entry.Key, prefix, out var jobId)) yield return (jobId, entry.LastModified);
            else warnings?.Foreign(entry.Key);
        }
    }
}
