namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// Runs work on jobs apart from requests: a client that hangs up does not stop it, and a client does not wait for what is large. The
/// reconciler completes what a crash cuts short.
/// On Lambda, where the process stands still between requests, a request does what it can and leaves the rest to the schedule.
/// </summary>
internal sealed partial class BackgroundTaskRunner(
    BackendOptions backend, IHostApplicationLifetime lifetime, ILogger<BackgroundTaskRunner> logger)
    : IHostedService, IDisposable
{
    // Most work takes milliseconds, and an answer that already counts its result is worth so much waiting.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    // At a stop each task ends at its next check-point; one that hangs is cut off when the time for the stop has run out.
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _outOfTime = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var cut = cancellationToken.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _outOfTime);
        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _outOfTime.Dispose();

    /// <param name="jobId">The job, for the log.</param>
    /// <param name="work">Gets a token that asks it to pause and one that stops it.</param>
    /// <param name="isLarge">Whether the work is on a large job, which takes longer than an answer may wait.</param>
    /// <returns>Done when the work is, or after a moment; of a large job, when the work has begun.</returns>
    public async Task RunAsync(string jobId, Func<CancellationToken, CancellationToken, Task> work, bool isLarge = false)
    {
        if (backend.OnLambda)
        {
            using var pause = new CancellationTokenSource(RequestBudget.Time);
            await GuardAsync(jobId, () => work(pause.Token, _outOfTime.Token));
            return;
        }

        var working = Track(Task.Run(() => GuardAsync(jobId, () => work(lifetime.ApplicationStopping, _outOfTime.Token))));
        if (!isLarge) await Task.WhenAny(working, Task.Delay(Wait));
    }

    /// <summary>Runs work to its end or failure; the process's stop waits for it.</summary>
    public Task RunToEndAsync(Func<CancellationToken, Task> work) => Track(Task.Run(() => work(_outOfTime.Token)));

    private Task Track(Task working)
    {
        _running.TryAdd(working, 0);
        _ = working.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        return working;
    }

    private async Task GuardAsync(string jobId, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_outOfTime.IsCancellationRequested)
        {
            // The next process goes on.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: the job is there, and the reconciler tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, jobId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The work on job {JobId} failed; the reconciler tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
