using System.Collections.Concurrent;
using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Sends jobs' messages, and removes deleted jobs, apart from the requests that cause it.</summary>
internal sealed class Submissions(JobSubmitter submitter, DuplicateChecker uniqueness, JobRemover remover, DeadLetterService deadLetters, BackgroundTaskRunner errands, DiskReserve? reserve = null)
{
    private readonly ConcurrentDictionary<string, byte> _removing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _checking = new(StringComparer.Ordinal);

    /// <summary>Sends the messages of a job's newest rounds. Returns when they are sent, or after a moment.</summary>
    public Task SubmitAsync(Job job) => errands.RunAsync(job.Id, (pause, stopping) => submitter.SubmitAsync(job, pause, stopping));

    /// <summary>Completes sendings that seem to have died. Returns when they are, or after a moment.</summary>
    public Task ResumeAsync(IEnumerable<Job> jobs) => Task.WhenAll(jobs.Select(job =>
        errands.RunAsync(job.Id, (pause, stopping) => submitter.ResumeAsync(job, null, pause, stopping))));

    /// <summary>Completes a sending that a former process left half done.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How old its last sign of life must be: none where no other process can be at it.</param>
    public Task ResumeLeftoverAsync(Job job, TimeSpan patience) =>
        errands.RunToEndAsync(job.Id, (pause, stopping) => submitter.ResumeAsync(job, patience, pause, stopping));

    /// <summary>As <see cref="CheckAsync"/>, while somebody waits for an answer about the job: on Lambda, where that would wait for all manifests to be read, it is left to the scheduled round.</summary>
    public Task CheckSoonAsync(Job job, JobProgress read) => errands.OutlastRequests ? CheckAsync(job, read) : Task.CompletedTask;

    /// <summary>
    /// Looks for duplicates where that is due, unless this process is already at it, and sends what is to replace them. Returns when that
    /// is done, or after a moment.
    /// </summary>
    public async Task CheckAsync(Job job, JobProgress read)
    {
        if (DuplicateChecker.Due(job, read).Count == 0 || !_checking.TryAdd(job.Id, 0)) return;
        await errands.RunAsync(job.Id, async (pause, stopping) =>
        {
            try
            {
                if (await uniqueness.CheckAsync(job, read, stopping) is not null) await submitter.SubmitAsync(job, pause, stopping);
            }
            finally
            {
                _checking.TryRemove(job.Id, out _);
            }
        });
    }

    /// <summary>Sends what a retry is about, then removes the dead letters that it makes needless.</summary>
    public Task RetryAsync(Job job, JobEvent retry) => errands.RunAsync(job.Id, async (pause, stopping) =>
    {
        await submitter.SubmitAsync(job, pause, stopping);
        await deadLetters.RemoveAsync(new DeadLetterFilter { JobId = job.Id, Generator = retry.Generator, BeforeGeneration = retry.Number }, pause, stopping);
    });

    /// <summary>Removes a deleted job, unless this process is already at it.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="job">Its record; null where that is gone already, or cannot be read.</param>
    /// <returns>Whether it is all gone; else somebody is at it still, or the next look goes on.</returns>
    public async Task<bool> RemoveAsync(string jobId, Job? job)
    {
        if (!_removing.TryAdd(jobId, 0)) return false;
        var removed = false;
        await errands.RunAsync(jobId, async (pause, stopping) =>
        {
            try
            {
                Volatile.Write(ref removed, await remover.RemoveAsync(jobId, job, pause, stopping));
                await deadLetters.RemoveAsync(new DeadLetterFilter { JobId = jobId }, pause, stopping);
                reserve?.Restore();
            }
            finally
            {
                _removing.TryRemove(jobId, out _);
            }
        });
        return Volatile.Read(ref removed);
    }

    /// <summary>Goes on with a removal that was cut short, while nobody waits. On Lambda that is for who repeats it.</summary>
    public void RemoveLater(string jobId, Job? job)
    {
        if (errands.OutlastRequests) _ = RemoveAsync(jobId, job);
    }
}
