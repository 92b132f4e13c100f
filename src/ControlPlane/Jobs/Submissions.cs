using System.Collections.Concurrent;
using VmDataset.ControlPlane.Engines;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>
/// Sends jobs' messages apart from the requests that cause it: a client that hangs up does not stop a submission, and
/// a large one does not keep a client waiting. What a crash cuts short is resumed by the next look at the job.
/// On Lambda, where the process stands still between requests, a request sends what it can and leaves the rest to the next.
/// </summary>
internal sealed partial class Submissions(JobSubmitter submitter, EngineOptions engine, IHostApplicationLifetime lifetime, ILogger<Submissions> logger)
    : IHostedService, IDisposable
{
    // Most submissions take milliseconds, and an answer that already counts the messages is worth so much waiting.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    // Some 200,000 messages; with the last chunk it stays below the 29 s that API Gateway allows.
    private static readonly TimeSpan LambdaWait = TimeSpan.FromSeconds(20);

    // At a stop each ends at its next check-point; what hangs is cut off when the time for the stop has run out.
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _outOfTime = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var cut = cancellationToken.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _outOfTime);
        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _outOfTime.Dispose();

    /// <summary>Sends a new job's messages. Returns when they are sent, or after a moment.</summary>
    public Task SubmitAsync(Job job) => SendAsync(job, (pause, stopping) => submitter.SubmitAsync(job, pause, stopping));

    /// <summary>Completes submissions that seem to have died. Returns when they are, or after a moment.</summary>
    public Task ResumeAsync(IEnumerable<Job> jobs) => Task.WhenAll(jobs.Select(job =>
        SendAsync(job, (pause, stopping) => submitter.ResumeAsync(job, null, pause, stopping))));

    /// <summary>Completes a submission that a former process left half sent.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How old its last sign of life must be: none where no other process can be at it.</param>
    public Task ResumeLeftoverAsync(Job job, TimeSpan patience) =>
        Track(GuardAsync(job, submitter.ResumeAsync(job, patience, lifetime.ApplicationStopping, _outOfTime.Token)));

    private async Task SendAsync(Job job, Func<CancellationToken, CancellationToken, Task> send)
    {
        if (engine.OnLambda)
        {
            using var pause = new CancellationTokenSource(LambdaWait);
            await GuardAsync(job, send(pause.Token, _outOfTime.Token));
            return;
        }

        var sending = Track(Task.Run(() => GuardAsync(job, send(lifetime.ApplicationStopping, _outOfTime.Token))));
        await Task.WhenAny(sending, Task.Delay(Wait));
    }

    private Task Track(Task sending)
    {
        _running.TryAdd(sending, 0);
        _ = sending.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        return sending;
    }

    private async Task GuardAsync(Job job, Task sending)
    {
        try
        {
            await sending;
        }
        catch (OperationCanceledException) when (_outOfTime.IsCancellationRequested)
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
