namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// Reconciles every pending job when it is due, several at a time. Its memory only saves passes: a new process starts without it.
/// </summary>
internal sealed partial class ReconcileScheduler(
    JobReconciler reconciler, PendingJobs pending, BackgroundTaskRunner runner, BackendOptions backend, TimeProvider time,
        ILogger<ReconcileScheduler> logger)
    : IDisposable
{
    private const int AtOnce = 32;

    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly ConcurrentDictionary<string, byte> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _nudged = new(StringComparer.Ordinal);
    private readonly RepeatedFailures _failures = new();
    private volatile bool _started;

    /// <summary>Starts a pass over each pending job that is due. On Lambda, where the process stands still afterwards, it waits for their
    /// ends.</summary>
    /// <param name="pause">Ends the passes at their next check-points.</param>
    public async Task RunAsync(CancellationToken pause)
    {
        // The local backend has one process: at its start no other one can be dispatching.
        var patience = !_started && backend.Engine == BackendKind.Local ? TimeSpan.Zero : (TimeSpan?)null;
        if (!_started) await pending.ConvertAsync(pause);
        var now = time.GetUtcNow();
        List<Task> passes = [];
        HashSet<string> listed = new(StringComparer.Ordinal);
        await foreach (var (jobId, since) in pending.ListAsync(pause))
        {
            listed.Add(jobId);
            if (_due.TryGetValue(jobId, out var due) && due > now) continue;
            Begin(jobId, since);
        }

        foreach (var jobId in _nudged.Keys)
        {
            // A job with a marker gets another pass anyway, and its last pass looks once more after it has removed the marker.
            if (listed.Add(jobId))
            {
                await pending.MarkAsync(jobId, pause);
                Begin(jobId, now);
            }

            _nudged.TryRemove(jobId, out _);
        }

        _started = true;
        foreach (var finished in _due.Keys.Where(jobId => !listed.Contains(jobId))) Forget(finished);
        // A slow pass holds up its own job alone, unless the process stands still after this.
        if (backend.OnLambda) await Task.WhenAll(passes);

        void Begin(string jobId, DateTimeOffset since)
        {
            if (_running.TryAdd(jobId, 0)) passes.Add(PassAsync(jobId, since, patience, pause));
        }
    }

    /// <summary>Reconciles one job for a request that has just written to it, and waits a moment for the end: see <see cref="BackgroundTaskRunner"/>.</summary>
    /// <returns>Whether the job was deleted and all of it is removed.</returns>
    public async Task<bool> ReconcileNowAsync(string jobId, bool isLarge = false)
    {
        var removed = false;
        await runner.RunAsync(jobId, async (pause, stop) =>
        {
            Volatile.Write(ref removed, await reconciler.ReconcileRequestAsync(jobId, pause, stop));
            _due.TryRemove(jobId, out _);
        }, isLarge);
        return Volatile.Read(ref removed);
    }

    /// <summary>
    /// Has the next turn reconcile a job that has no marker any more, as a worker stored something after its end. It writes nothing, so
    /// that readers may call it.
    /// </summary>
    public void Nudge(string jobId) => _nudged.TryAdd(jobId, 0);

    /// <summary>Has the next turn reconcile a job, though by its size a later one would do.</summary>
    public void Hasten(string jobId) => _due.TryRemove(jobId, out _);

    public void Dispose() => _slots.Dispose();

    private async Task PassAsync(string jobId, DateTimeOffset since, TimeSpan? patience, CancellationToken pause)
    {
        try
        {
            await _slots.WaitAsync(pause);
            try
            {
                await runner.RunToEndAsync(async stop =>
                {
                    if (await reconciler.ReconcileAsync(jobId, since, patience, pause, stop) is { } due) _due[jobId] = due;
                    else _due.TryRemove(jobId, out _);
                    _failures.Pass(jobId);
                });
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (pause.IsCancellationRequested)
        {
            // The next process, or the next call, goes on from what is in the store.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: a later pass tries again, and other jobs go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var (isNew, wait) = _failures.Add(jobId, exception);
            _due[jobId] = time.GetUtcNow() + wait;
            if (isNew) Log.Failed(logger, exception, jobId);
        }
        finally
        {
            _running.TryRemove(jobId, out _);
        }
    }

    private void Forget(string jobId)
    {
        _due.TryRemove(jobId, out _);
        _failures.Pass(jobId);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Job {JobId} could not be reconciled; retrying with increasing pauses")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
