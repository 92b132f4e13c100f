using System.Collections.Concurrent;
using VmDataset.ControlPlane.Settings;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// Work on a job apart from the request that causes it: a client that hangs up does not stop it, and what is large does not keep a
/// client waiting. What a crash cuts short is resumed by the next look at the job.
/// On Lambda, where the process stands still between requests, a request does what it can and leaves the rest to the next.
/// </summary>
internal sealed partial class BackgroundTaskRunner(BackendOptions engine, IHostApplicationLifetime lifetime, ILogger<BackgroundTaskRunner> logger)
    : IHostedService, IDisposable
{
    // Most take milliseconds, and an answer that already counts their result is worth so much waiting.
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

    /// <summary>Whether work goes on when its request has been answered.</summary>
    public bool OutlastRequests => !engine.OnLambda;

    /// <param name="jobId">The job, for the log.</param>
    /// <param name="work">Gets a token that asks it to pause and one that stops it.</param>
    /// <returns>Done when the work is, or after a moment.</returns>
    public async Task RunAsync(string jobId, Func<CancellationToken, CancellationToken, Task> work)
    {
        if (engine.OnLambda)
        {
            using var pause = new CancellationTokenSource(LambdaWait);
            await GuardAsync(jobId, work(pause.Token, _outOfTime.Token));
            return;
        }

        await Task.WhenAny(Launch(jobId, work), Task.Delay(Wait));
    }

    /// <summary>As <see cref="RunAsync"/>, for those who have time to wait for its end.</summary>
    public async Task RunToEndAsync(string jobId, Func<CancellationToken, CancellationToken, Task> work) => await Launch(jobId, work);

    private Task Launch(string jobId, Func<CancellationToken, CancellationToken, Task> work)
    {
        var working = Task.Run(() => GuardAsync(jobId, work(lifetime.ApplicationStopping, _outOfTime.Token)));
        _running.TryAdd(working, 0);
        _ = working.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        return working;
    }

    private async Task GuardAsync(string jobId, Task working)
    {
        try
        {
            await working;
        }
        catch (OperationCanceledException) when (_outOfTime.IsCancellationRequested)
        {
            // The next start, or the next look, goes on.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: the job is there, and it is tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, jobId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The work on job {JobId} broke off; the next look at the job tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
