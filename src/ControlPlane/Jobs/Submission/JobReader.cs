using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads jobs for those who ask for one or for a list.</summary>
internal sealed partial class JobReader(
    JobStore jobs, JobEventLog log, JobSnapshotReader snapshots, JobViewer viewer, ReconcileScheduler reconcile)
{
    // Jobs that one request looks at.
    private const int MaxSeen = 1_000;
    private const int AtOnce = 100;

    /// <summary>Whether a text has the form of the list's cursors.</summary>
    public static bool IsCursor(string text) => Cursor().IsMatch(text);

    /// <summary>A page of the jobs that fit, the newest first, without their generators. Where few fit, a page may have fewer than asked
    /// for, and go on.</summary>
    public async Task<Page<JobView>> ListAsync(int limit, string? cursor, JobFilter filter, CancellationToken cancellationToken)
    {
        List<JobView> found = [];
        List<ListedJob> some = [];
        var (seen, last) = (0, cursor ?? (filter.Until is { } until ? ObjectKeys.SubmittedBefore(until) : null));
        var isEnd = true;
        await foreach (var job in jobs.ListAsync(last, cancellationToken))
        {
            if (filter.IsBefore(job.Record)) break;
            if (found.Count == limit || seen == MaxSeen)
            {
                isEnd = false;
                break;
            }

            seen++;
            last = job.Cursor;
            if (filter.Fits(job.Record)) some.Add(job);
            if (found.Count + some.Count == limit || some.Count == AtOnce) await ViewAsync();
        }

        await ViewAsync();
        return new Page<JobView> { Items = found, NextCursor = isEnd ? null : last };

        // Each is four LISTs, which on S3 wait for the network alone.
        async Task ViewAsync()
        {
            var views = await Task.WhenAll(some.Select(job => this.ViewAsync(job.Id, job.Record, cancellationToken)));
            found.AddRange(views.OfType<JobView>().Where(view => filter.State is null || view.State == filter.State));
            some.Clear();
        }
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
        // A worker may have stored something after the job's last pass.
        if (snapshot.Progress.Settled && view.Dataset is { State: not DatasetState.Ready }) reconcile.Nudge(id);
        return (view, null);
    }

    /// <returns>Null for a job that is deleted and not removed yet.</returns>
    public async Task<JobView?> ViewAsync(string id, StoredRecord<Job> record, CancellationToken cancellationToken)
    {
        if (record.Value is not { } read)
            return (await log.ReadAsync(id, cancellationToken)).Deleted ? null : JobViewer.Unreadable(id, record);
        var snapshot = await snapshots.ReadAsync(read, cancellationToken);
        return snapshot.Progress.Control.Deleted ? null : JobViewer.View(snapshot, withGenerators: false);
    }

    [GeneratedRegex(@"^[0-9]{15}-[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Cursor();
}
