using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Jobs;

/// <summary>
/// Removes a job's data and records. What names it goes last, so that whoever meets a half removed job can go on; its log of
/// events stays, since messages of it may still be about.
/// </summary>
public sealed class JobRemover(IObjectStore store)
{
    private const int Chunk = 1_000;
    private const int Parallelism = 8;

    /// <param name="job">A job whose log says that it is deleted.</param>
    /// <param name="pause">Stops it soon; a later call goes on.</param>
    /// <param name="cancellationToken">Stops it where it is.</param>
    /// <returns>Whether all is removed.</returns>
    public async Task<bool> RemoveAsync(Job job, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        var (record, control) = (ObjectKeys.Job(job.Id), ObjectKeys.ControlPrefix(job.Id));
        var keys = store.ListAsync(ObjectKeys.JobPrefix(job.Id), cancellationToken: cancellationToken)
            .Select(static entry => entry.Key)
            .Where(key => key != record && !key.StartsWith(control, StringComparison.Ordinal));
        await Parallel.ForEachAsync(keys.Chunk(Chunk).TakeWhile(_ => !pause.IsCancellationRequested),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (chunk, stop) => await store.DeleteManyAsync(chunk, stop));
        if (pause.IsCancellationRequested) return false;
        if (job.IdempotencyId is { } id) await store.DeleteAsync(ObjectKeys.Idempotency(id), cancellationToken);
        await store.DeleteAsync(ObjectKeys.Submitted(job.CreatedAt, job.Id), cancellationToken);
        await store.DeleteAsync(record, cancellationToken);
        return true;
    }
}
