using VmDataset.Pipeline.Dispatch;

namespace VmDataset.Worker.Batches;

/// <summary>Turns a <see cref="DispatchTask"/> into the rest of a job's messages.</summary>
public sealed partial class DispatchTaskProcessor(
    JobStore jobs, JobSubmitter submitter, TimeProvider time, ILogger<DispatchTaskProcessor> logger)
{
    private static readonly TimeSpan TimeForLastChunk = TimeSpan.FromSeconds(60);

    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public async Task<BatchOutcome> ProcessAsync(DispatchTask task, BatchBounds bounds)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(bounds.Stop);
        if (bounds.Deadline is { } deadline && deadline - time.GetUtcNow() - TimeForLastChunk is var left)
            pause.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            // Of a job that is gone nothing is left to send.
            if (await jobs.FindAsync(task.JobId, bounds.LeaseLost) is not { } job) return BatchOutcome.Acknowledge;
            await submitter.ResumeAsync(job, pause: pause.Token, cancellationToken: bounds.LeaseLost);
            return await submitter.IsCompleteAsync(job, bounds.LeaseLost) ? BatchOutcome.Acknowledge
                : BatchOutcome.GiveBack(pause.IsCancellationRequested ? TimeSpan.Zero : JobSubmitter.Patience);
        }
        catch (Exception exception) when (!bounds.LeaseLost.IsCancellationRequested)
        {
            Log.Failed(logger, exception, task.JobId);
            return BatchOutcome.GiveBack(JobSubmitter.Patience);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The messages of job {JobId} could not be sent; the message is given back")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
