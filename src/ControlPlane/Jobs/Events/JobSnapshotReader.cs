using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>Reads a job for its watchers: five LISTs and the queue's depth.</summary>
internal sealed class JobSnapshotReader(IObjectStore store, JobViewer viewer, Submissions submissions)
{
    public async Task<JobSnapshot> LookAsync(Job job, FailureTimeline before, CancellationToken cancellationToken)
    {
        // A failure's record is written before its range is given up: in this order it is mostly known whether it was.
        var failures = await FailuresAsync(job, cancellationToken);
        var (view, read) = await viewer.LookAsync(job, withGenerators: true, cancellationToken);
        if (read.Control.Deleted) return new JobSnapshot(view, read, before);
        // And once more after the end, so that none is missing.
        if (read.Ended) failures = await FailuresAsync(job, cancellationToken);
        // Whoever watches asks no more, and a sending that died would stay so.
        if (read.State == JobState.Submitting) await submissions.ResumeAsync([job]);
        await submissions.CheckSoonAsync(job, read);
        return new JobSnapshot(view, read, failures.IsSame(before) ? before : failures);
    }

    private async Task<FailureTimeline> FailuresAsync(Job job, CancellationToken cancellationToken)
    {
        List<FailureEntry> marks = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.FailedPrefix(job.Id), cancellationToken: cancellationToken))
            if (ObjectKeys.TryParseRange(entry.Key, out _, out _)) marks.Add(new FailureEntry(entry.LastModified.ToUnixTimeMilliseconds(), entry.Key));
        return new FailureTimeline(marks);
    }
}
