using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>Reads a job for its watchers: the snapshot that all readers share, and one LIST more for its failures.</summary>
internal sealed class JobObserver(IObjectStore store, JobSnapshotReader snapshots, JobViewer viewer)
{
    public async Task<JobObservation> ReadAsync(Job job, FailureTimeline before, CancellationToken cancellationToken)
    {
        // A failure's record is written before its range is given up: in this order it is mostly known whether it was.
        var failures = await FailuresAsync(job, cancellationToken);
        var snapshot = await snapshots.ReadAsync(job, cancellationToken);
        var (view, read) = (await viewer.ViewAsync(snapshot, cancellationToken), snapshot.Progress);
        if (read.Control.Deleted) return new JobObservation(view, read, before);
        // And once more after the end, so that none is missing.
        if (read.Ended) failures = await FailuresAsync(job, cancellationToken);
        return new JobObservation(view, read, failures.IsSame(before) ? before : failures);
    }

    private async Task<FailureTimeline> FailuresAsync(Job job, CancellationToken cancellationToken)
    {
        List<FailureEntry> entries = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.FailedPrefix(job.Id), cancellationToken: cancellationToken))
            if (ObjectKeys.TryParseRange(entry.Key, out _, out _)) entries.Add(
                new FailureEntry(entry.LastModified.ToUnixTimeMilliseconds(), entry.Key, entry.Tag));
        return new FailureTimeline(entries);
    }
}
