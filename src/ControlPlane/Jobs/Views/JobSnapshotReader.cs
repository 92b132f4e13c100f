namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>
/// Reads jobs, without writing anything: four LISTs and the queue's depth, more for a large job. Those who read one job at the same time
/// share a reading. A reading of many objects serves those who come soon after it, until its job has a new event.
/// </summary>
internal sealed class JobSnapshotReader(ProgressReader progress, JobEventLog log, IBatchQueue queue, TimeProvider time)
{
    private static readonly TimeSpan EventAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, SharedReading> _readings = new(StringComparer.Ordinal);
    private readonly KeptSnapshots _kept = new(time);

    /// <exception cref="IOException">The store or the queue is out of reach.</exception>
    public async Task<JobSnapshot> ReadAsync(Job job, CancellationToken cancellationToken = default)
    {
        if (_kept.Find(job.Id) is { } kept)
        {
            var events = await log.ReadRecentAsync(job.Id, EventAge).WaitAsync(cancellationToken);
            if (events.LastNumber == kept.Snapshot.Progress.Control.LastNumber)
            {
                if (kept.IsDue) _ = ReadingOf(job).Share().ContinueWith(static failed => failed.Exception, TaskScheduler.Default);
                return kept.Snapshot;
            }
        }

        var reading = ReadingOf(job);
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
        _kept.Remove(job.Id);
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

    private SharedReading ReadingOf(Job job) => _readings.GetOrAdd(job.Id, static (_, arguments) =>
        new SharedReading(reading => arguments.Reader.ReadOnceAsync(arguments.Job, reading)), (Reader: this, Job: job));

    private async Task<JobSnapshot> ReadOnceAsync(Job job, SharedReading reading)
    {
        CallProgress.Listen(reading);
        var startedAt = time.GetTimestamp();
        try
        {
            var snapshot = await ReadAloneAsync(job);
            _kept.Add(snapshot, startedAt);
            return snapshot;
        }
        finally
        {
            Forget(job.Id, reading);
        }
    }

    // Only this one: a write may have put a newer one in its place.
    private void Forget(string jobId, SharedReading reading) => _readings.TryRemove(KeyValuePair.Create(jobId, reading));
}
