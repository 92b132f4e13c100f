using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Removes a job's data and records. The objects that name the job go last, so that a half removed one is found and removed
/// further; its log of events stays, since messages of it may still be about.</summary>
public sealed class JobRemover(IObjectStore store, JobStore jobs, JobEventLog log, TimeProvider time, HaltTiming? halts = null)
{
    private const int Chunk = 1_000;
    private const int Parallelism = 8;

    // Workers notice only after a while that a job was cancelled, and then store what they have drawn.
    private readonly TimeSpan _lastWrites = (halts ?? HaltTiming.Local).SettleTime;

    /// <param name="jobId">A job whose log says that it is deleted.</param>
    /// <param name="job">Its record; null where that cannot be read, or is gone and perhaps late data is there.</param>
    /// <param name="pause">Stops it soon; a later call goes on.</param>
    public async Task<bool> RemoveAsync(string jobId, Job? job, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        var events = (await log.ReadAsync(jobId, cancellationToken)).Events;
        var wait = (events.Count > 1 ? events[^2].At + _lastWrites : DateTimeOffset.MinValue) - time.GetUtcNow();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause, cancellationToken);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var (record, control) = (ObjectKeys.Job(jobId), ObjectKeys.ControlPrefix(jobId));
        var isUnreadable = job is null && (await jobs.ReadAsync(jobId, cancellationToken)).Unreadable is not null;
        var keys = store.ListAsync(ObjectKeys.JobPrefix(jobId), cancellationToken: cancellationToken)
            .Select(static entry => entry.Key)
            .Where(key => key != record && !key.StartsWith(control, StringComparison.Ordinal));
        await Parallel.ForEachAsync(keys.Chunk(Chunk).TakeWhile(_ => !pause.IsCancellationRequested),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (chunk, stop) => await store.DeleteManyAsync(chunk, stop));
        if (pause.IsCancellationRequested) return false;
        if (job is null && !isUnreadable) return true;
        if (job?.IdempotencyId is { } id) await store.DeleteAsync(ObjectKeys.Idempotency(id), cancellationToken);
        var marker = job is not null ? ObjectKeys.Submitted(job.CreatedAt, job.Id) : await jobs.FindMarkerAsync(jobId, cancellationToken);
        if (marker is not null) await store.DeleteAsync(marker, cancellationToken);
        await store.DeleteAsync(record, cancellationToken);
        return true;
    }
}
