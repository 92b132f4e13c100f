using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads jobs for those who ask for one or for a list.</summary>
internal sealed partial class JobReader(
    JobStore jobs, JobEventLog log, JobSnapshotReader snapshots, JobViewer viewer, ReconcileScheduler reconcile)
{
    /// <summary>Whether a text has the form of the list's cursors.</summary>
    public static bool IsCursor(string text) => Cursor().IsMatch(text);

    /// <summary>A page of jobs, the newest first, without their generators.</summary>
    public async Task<Page<JobView>> ListAsync(int limit, string? cursor, CancellationToken cancellationToken)
    {
        var (page, next) = await jobs.ListAsync(limit, cursor, cancellationToken);
        // Each is four LISTs, which on S3 wait for the network alone.
        var views = await Task.WhenAll(page.Select(job => ViewAsync(job, cancellationToken)));
        return new Page<JobView> { Items = [.. views.OfType<JobView>()], NextCursor = next };
    }

    /// <summary>A job in full, or why there is none.</summary>
    public async Task<(JobView? View, ProblemHttpResult? Problem)> ReadAsync(
        StoredRecord<Job> record, string id, CancellationToken cancellationToken)
    {
        if (record.Value is not { } job)
            return (await log.ReadAsync(id, cancellationToken)).Deleted ? (null, JobLookup.Deleted(id))
                : (JobViewer.Unreadable(id, record), null);
        var snapshot = await snapshots.ReadAsync(job, cancellationToken);
        if (snapshot.Progress.Control.Deleted) return (null, JobLookup.Deleted(id));
        var view = await viewer.ViewAsync(snapshot, cancellationToken);
        if (snapshot.Progress.Settled && view.Dataset?.State == DatasetState.Pending) reconcile.Nudge(id);
        return (view, null);
    }

    /// <returns>Null for a job that is deleted and not removed yet.</returns>
    public async Task<JobView?> ViewAsync(ListedJob job, CancellationToken cancellationToken)
    {
        if (job.Record.Value is not { } read)
            return (await log.ReadAsync(job.Id, cancellationToken)).Deleted ? null : JobViewer.Unreadable(job.Id, job.Record);
        var snapshot = await snapshots.ReadAsync(read, cancellationToken);
        return snapshot.Progress.Control.Deleted ? null : JobViewer.View(snapshot, withGenerators: false);
    }

    [GeneratedRegex(@"^[0-9]{15}-[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Cursor();
}
