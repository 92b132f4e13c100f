using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Duplicates;

/// <summary>Looks for the duplicates of a unique job, and sends the messages of the further samples that replace them.</summary>
public sealed partial class DuplicateCheckProcessor(
    JobStore jobs, ProgressReader progress, DuplicateChecker checker, JobSubmitter submitter, ILogger<DuplicateCheckProcessor> logger)
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
            // What is not sent when it stops is sent by the reconciler.
            if (await checker.CheckAsync(job, read, stop.Token) is not null)
                await submitter.SubmitAsync(job, bounds.Stop, bounds.LeaseLost);
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
