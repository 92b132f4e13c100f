namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>Who watches what in this process: one reader per job, which comes with its first watcher and goes with its last.</summary>
internal sealed class JobWatcherRegistry(
    JobObserver observer, IObjectStore store, WatchLimits limits, TimeProvider time, IHostApplicationLifetime lifetime,
        ILogger<JobWatcherRegistry> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JobWatcher> _watches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _callers = new(StringComparer.Ordinal);
    private int _watchers;

    /// <summary>Jobs that are being read.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _watches.Count;
        }
    }

    /// <returns>Null when there is no room for another, or none for this caller.</returns>
    public Subscription? Join(Job job, string caller)
    {
        lock (_lock)
        {
            var own = _callers.GetValueOrDefault(caller);
            if (_watchers >= limits.MaxStreams || own >= limits.MaxStreamsPerCaller) return null;
            _watchers++;
            _callers[caller] = own + 1;
            var watch = _watches.GetValueOrDefault(job.Id);
            // The end that somebody is still being told may be over: the job may have been retried since.
            if (watch is null or { Latest.IsLast: true })
                _watches[job.Id] = watch = new JobWatcher(job, observer, store, limits, time, logger, lifetime.ApplicationStopping);
            watch.Watchers++;
            return new Subscription(this, watch, caller);
        }
    }

    private void Leave(JobWatcher watch, string caller)
    {
        lock (_lock)
        {
            _watchers--;
            if (--_callers[caller] == 0) _callers.Remove(caller);
            if (--watch.Watchers > 0) return;
            if (_watches.GetValueOrDefault(watch.Job.Id) == watch) _watches.Remove(watch.Job.Id);
        }

        watch.Dispose();
    }

    /// <summary>One who watches a job, until disposed.</summary>
    public sealed class Subscription(JobWatcherRegistry watches, JobWatcher watch, string caller) : IDisposable
    {
        public JobWatcher Watch => watch;

        public void Dispose() => watches.Leave(watch, caller);
    }
}
