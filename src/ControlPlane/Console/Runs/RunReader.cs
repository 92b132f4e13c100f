using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>Finds the job that a page is about.</summary>
internal sealed class RunReader(JobLookup lookup, JobReader reader, JobSnapshotReader snapshots, BackendOptions backend)
{
    /// <summary>Whether this server can give a dataset in one tar: a bucket serves each file by itself.</summary>
    public bool HasTar => backend.Engine == BackendKind.Local;

    /// <summary>A job in full, or why there is none; its record may be unreadable.</summary>
    public async Task<(JobView? View, ProblemHttpResult? Problem)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (record, problem) = await lookup.RecordAsync(id, cancellationToken);
        return record is null ? (null, problem) : await reader.ReadAsync(record, id, cancellationToken);
    }

    /// <summary>A job as its pages' headers show it, with its record, or why there is none.</summary>
    public async Task<(Job? Job, JobView? View, ProblemHttpResult? Problem)> FindAsync(string id, CancellationToken cancellationToken)
    {
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        return job is null ? (null, null, problem)
            : (job, JobViewer.View(await snapshots.ReadAsync(job, cancellationToken), withGenerators: true), null);
    }
}
