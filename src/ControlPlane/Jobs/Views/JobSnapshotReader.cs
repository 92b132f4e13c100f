namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>
/// Reads jobs, without writing anything: four LISTs and the queue's depth. Those who read one job at the same time share a reading, and a
/// reading of many objects serves those who come soon after it.
/// </summary>
internal sealed class JobSnapshotReader(ProgressReader progress, IBatchQueue queue, TimeProvider time)
{
    // A tenth of a second for each page of S3 beyond the first: readers spend a bounded share of the time on LISTs, and small jobs are
    // always read.
    private const int FreeObjects = 1_000;
    private const double SecondsPerObject = 0.1 / 1_000;
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The store or the queue is out of reach.</exception>
    public async Task<JobSnapshot> ReadAsync(Job job, CancellationToken cancellationToken = default)
    {
        var reading = _readings.GetOrAdd(job.Id, static (_, arguments) => new Reading(arguments.Reader, arguments.Job),
            (Reader: this, Job: job));
        try
        {
            return await reading.Share().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It may hang: the next reader begins another.
            Forget(job.Id, reading);
            throw;
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, with all that was written before the call.</summary>
    public Task<JobSnapshot> ReadFreshAsync(Job job, CancellationToken cancellationToken = default)
    {
        _readings.TryRemove(job.Id, out _);
        return ReadAsync(job, cancellationToken);
    }

    /// <summary>
    /// A reading that nobody shares: background work may begin one just before a client's write, and the client's next request must see
    /// that write.
    /// </summary>
    public async Task<JobSnapshot> ReadAloneAsync(Job job, CancellationToken cancellationToken = default)
    {
        var depth = queue.GetDepthAsync(job.Id, cancellationToken);
        return new JobSnapshot(job, await progress.ReadAsync(job, cancellationToken), await depth);
    }

    private async Task<JobSnapshot> ReadOnceAsync(Job job, Reading reading)
    {
        CallProgress.Listen(reading);
        var kept = TimeSpan.Zero;
        try
        {
            var snapshot = await ReadAloneAsync(job);
            kept = TimeSpan.FromSeconds(Math.Max(0, snapshot.Progress.Done.Count - FreeObjects) * SecondsPerObject);
            return snapshot;
        }
        finally
        {
            if (kept > TimeSpan.Zero) _ = ForgetLaterAsync(job.Id, reading, kept < LongestKept ? kept : LongestKept);
            else Forget(job.Id, reading);
        }
    }

    private async Task ForgetLaterAsync(string jobId, Reading reading, TimeSpan after)
    {
        await Task.Delay(after, time);
        Forget(jobId, reading);
    }

    // Only this one: a write may have put a newer one in its place.
    private void Forget(string jobId, Reading reading) => _readings.TryRemove(KeyValuePair.Create(jobId, reading));

    /// <summary>A reading that several share, none of whom can cancel it for the others; all of them see that its calls go on.</summary>
    private sealed class Reading : CallProgress.IListener
    {
        private readonly ConcurrentQueue<CallProgress.IListener> _listeners = new();
        private readonly Lazy<Task<JobSnapshot>> _snapshot;

        public Reading(JobSnapshotReader reader, Job job) => _snapshot = new(() => Task.Run(() => reader.ReadOnceAsync(job, this)));

        public Task<JobSnapshot> Share()
        {
            if (CallProgress.Listener is { } listener) _listeners.Enqueue(listener);
            return _snapshot.Value;
        }

        public void Note()
        {
            foreach (var listener in _listeners) listener.Note();
        }

        public void Elsewhere(int change)
        {
            foreach (var listener in _listeners) listener.Elsewhere(change);
        }
    }
}
