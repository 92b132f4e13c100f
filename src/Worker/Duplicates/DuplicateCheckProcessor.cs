using VmDataset.Pipeline.Deduplication;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Duplicates;

/// <summary>Looks for the duplicates of a unique job, and stores what it found for the reconciler.</summary>
public sealed partial class DuplicateCheckProcessor(
    JobStore jobs, ProgressReader progress, DuplicateChecker checker, IObjectStore store, ILogger<DuplicateCheckProcessor> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public async Task<BatchOutcome> ProcessAsync(DuplicateCheckTask task, BatchBounds bounds)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(bounds.Stop, bounds.LeaseLost);
        try
        {
            if (await jobs.FindAsync(task.JobId, stop.Token) is not { } job) return BatchOutcome.Acknowledge;
            var read = await progress.ReadAsync(job, stop.Token);
            if (read.Control.Events.Count != task.Events) return BatchOutcome.Acknowledge;
            var counts = await checker.CountAsync(job, read, stop.Token);
            await store.PutJsonAsync(ObjectKeys.DuplicateCounts(job.Id, task.Events), counts, cancellationToken: stop.Token);
            return BatchOutcome.Acknowledge;
        }
        catch (Exception exception) when (!bounds.LeaseLost.IsCancellationRequested)
        {
            if (!bounds.Stop.IsCancellationRequested) Log.Failed(logger, exception, task.JobId);
            return BatchOutcome.GiveBack(bounds.Stop.IsCancellationRequested ? TimeSpan.Zero : Pause);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The samples of job {JobId} could not be compared; the message is given back")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
