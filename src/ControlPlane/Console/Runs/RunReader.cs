using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>Finds the job that a page is about.</summary>
internal sealed class RunReader(JobLookup lookup, JobReader reader, JobSnapshotReader snapshots, BackendOptions backend, TimeProvider time)
{
    /// <summary>Whether this server can give a dataset in one tar: a bucket serves each file by itself.</summary>
    public bool HasTar => backend.Engine == BackendKind.Local;

    /// <summary>A job in full, or why there is none; its record may be unreadable.</summary>
    public async Task<(JobView? View, ProblemHttpResult? Problem)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (record, problem) = await lookup.RecordAsync(id, cancellationToken);
        return record is null ? (null, problem) : await reader.ReadAsync(record, id, cancellationToken);
    }

    /// <summary>A job's pace over its time; null before the first finished sample.</summary>
    public async Task<RateHistory?> RatesAsync(JobView view, CancellationToken cancellationToken)
    {
        if (view.Samples.Done == 0 || (await lookup.FindAsync(view.Id, cancellationToken)).Job is not { } job) return null;
        var read = (await snapshots.ReadAsync(job, cancellationToken)).Progress;
        return RateHistory.Of(read.Done, job.CreatedAt, view.FinishedAt ?? time.GetUtcNow());
    }

    /// <summary>A job as its pages' headers show it, with the reading of the store behind it, or why there is none.</summary>
    public async Task<(JobSnapshot? Snapshot, JobView? View, ProblemHttpResult? Problem)> FindAsync(
        string id, CancellationToken cancellationToken)
    {
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return (null, null, problem);
        var snapshot = await snapshots.ReadAsync(job, cancellationToken);
        return (snapshot, JobViewer.View(snapshot, withGenerators: true), null);
    }
}
