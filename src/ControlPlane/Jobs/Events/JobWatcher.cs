namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>Reads one job again and again, for all in this process who watch it.</summary>
internal sealed partial class JobWatcher : IDisposable
{
    private const int MaxRecords = 256;

    private readonly JobObserver _observer;
    private readonly IObjectStore _store;
    private readonly WatchLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end;
    private readonly ConcurrentDictionary<FailureEntry, Task<FailureRecord?>> _records = new();
    private readonly ChangeSignal _changed = new();
    private volatile JobObservation? _latest;

    public JobWatcher(Job job, JobObserver observer, IObjectStore store, WatchLimits limits, TimeProvider time, ILogger logger,
        CancellationToken stopping)
    {
        (Job, _observer, _store, _limits, _time, _logger) = (job, observer, store, limits, time, logger);
        _end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Reading = Task.Run(() => ReadAsync(_end.Token), CancellationToken.None);
    }

    public Job Job { get; }

    /// <summary>How many there are; the registry's.</summary>
    public int Watchers { get; set; }

    /// <summary>Done when nothing is read any more.</summary>
    public Task Reading { get; }

    /// <summary>The newest reading; null before the first.</summary>
    public JobObservation? Latest => _latest;

    /// <summary>The newest reading, once there is another than <paramref name="last"/>. Those between are left out.</summary>
    public async Task<JobObservation> NextAsync(JobObservation? last, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            if (_latest is { } look && !ReferenceEquals(look, last)) return look;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A failure's record, which the watchers of a failure that is new share; null if it is gone.</summary>
    public async Task<FailureRecord?> RecordAsync(FailureEntry failure, CancellationToken cancellationToken)
    {
        if (_records.Count >= MaxRecords) _records.Clear();
        var record = _records.GetOrAdd(failure, static (failure, watch) =>
            FailureStore.ReadAsync(watch._store, watch.Job, failure.Key, null, watch._end.Token), this);
        try
        {
            return await record.WaitAsync(cancellationToken);
        }
        catch
        {
            _records.TryRemove(failure, out _);
            throw;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_latest is not { IsLast: true })
            {
                var start = _time.GetTimestamp();
                await ReadOnceAsync(cancellationToken);
                var pause = _time.GetElapsedTime(start) * _limits.PauseFactor;
                await Task.Delay(pause > _limits.Interval ? pause : _limits.Interval, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody watches, or the process stops.
        }
    }

    private async Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            _latest = await _observer.ReadAsync(Job, _latest?.Failures ?? FailureTimeline.None, cancellationToken);
            _changed.Notify();
        }
#pragma warning disable CA1031 // Whatever the store or queue met: the watchers have the last reading, and the next is tried.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, exception, Job.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The watched job {JobId} cannot be read; trying again")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
