using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>
/// Sends jobs' messages apart from the requests that cause it: a client that hangs up does not stop a submission, and
/// a large one does not keep a client waiting. What a crash cuts short is resumed by the next look at the job.
/// </summary>
internal sealed partial class Submissions(JobSubmitter submitter, IHostApplicationLifetime lifetime, ILogger<Submissions> logger)
{
    // Most submissions take milliseconds, and an answer that already counts the messages is worth so much waiting.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    /// <summary>Sends a new job's messages. Returns when they are sent, or after a moment.</summary>
    public Task SubmitAsync(Job job) => SendAsync(job, stopping => submitter.SubmitAsync(job, stopping));

    /// <summary>Completes submissions that seem to have died. Returns when they are, or after a moment.</summary>
    public Task ResumeAsync(IEnumerable<Job> jobs) => Task.WhenAll(jobs.Select(job =>
        SendAsync(job, stopping => submitter.ResumeAsync(job, cancellationToken: stopping))));

    /// <summary>Completes every half-sent submission there is, at start, when no other process can be at it.</summary>
    public Task ResumeLeftoverAsync(Job job) => GuardAsync(job, submitter.ResumeAsync(job, TimeSpan.Zero, lifetime.ApplicationStopping));

    private async Task SendAsync(Job job, Func<CancellationToken, Task> send)
    {
        var sending = Task.Run(() => GuardAsync(job, send(lifetime.ApplicationStopping)));
        await Task.WhenAny(sending, Task.Delay(Wait));
    }

    private async Task GuardAsync(Job job, Task sending)
    {
        try
        {
            await sending;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The next start, or the next look, goes on from the last check-point.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: the job is accepted and half sent, and is tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, job.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not all messages of job {JobId} could be sent; the next look at the job tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
