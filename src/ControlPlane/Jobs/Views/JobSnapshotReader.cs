namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>
/// Reads jobs, without writing anything: four LISTs and the queue's depth, more for a large job. Those who read one job at the same time
/// share a reading. A reading of many objects serves those who come soon after it, until its job has a new event. The first reading of a
/// large job that has ended is what was stored at its end; the next one lists everything.
/// </summary>
internal sealed class JobSnapshotReader(
    ProgressReader progress, EndedListingStore listings, JobEventLog log, IBatchQueue queue, TimeProvider time)
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
                if (kept.IsDue)
                    _ = ReadingOf(job, Kind.Renewal).Share().ContinueWith(static failed => failed.Exception, TaskScheduler.Default);
                return kept.Snapshot;
            }
        }

        return await ShareAsync(job, Kind.First, cancellationToken);
    }

    /// <summary>As <see cref="ReadAsync"/>, with all that was written before the call.</summary>
    public Task<JobSnapshot> ReadFreshAsync(Job job, CancellationToken cancellationToken = default)
    {
        _kept.Remove(job.Id);
        _readings.TryRemove(job.Id, out _);
        return ShareAsync(job, Kind.Fresh, cancellationToken);
    }

    /// <summary>
    /// What a request decides on before it writes to the job's log: the job as it is now. A large job may be as it was some seconds ago, if
    /// nothing was written to its log since.
    /// </summary>
    public async Task<JobProgress> ReadForWriteAsync(Job job, CancellationToken cancellationToken = default)
    {
        if (_kept.Find(job.Id) is { } kept
            && (await log.ReadAsync(job.Id, cancellationToken)).LastNumber == kept.Snapshot.Progress.Control.LastNumber)
            return kept.Snapshot.Progress;
        return await progress.RecallAsync(job, listings, cancellationToken) ?? await progress.ReadAsync(job, cancellationToken);
    }

    /// <summary>The job with what a request has written to its log. Of a large job the manifests are those of the reading on which it
    /// decided, which are not listed again for the answer.</summary>
    public async Task<JobSnapshot> ReadAfterWriteAsync(Job job, JobProgress before, CancellationToken cancellationToken = default)
    {
        if (!ProgressReader.IsLarge(job)) return await ReadFreshAsync(job, cancellationToken);
        _readings.TryRemove(job.Id, out _);
        var startedAt = time.GetTimestamp();
        var depth = queue.GetDepthAsync(job.Id, cancellationToken);
        var snapshot = new JobSnapshot(job, await progress.ReadAgainAsync(job, before, cancellationToken), await depth);
        _kept.Add(snapshot, startedAt, isDue: true);
        return snapshot;
    }

    /// <summary>
    /// A reading that nobody shares: background work may begin one just before a client's write, and the client's next request must see
    /// that write.
    /// </summary>
    public Task<JobSnapshot> ReadAloneAsync(Job job, CancellationToken cancellationToken = default) =>
        ReadAllAsync(job, isBackground: true, cancellationToken);

    private async Task<JobSnapshot> ReadAllAsync(Job job, bool isBackground, CancellationToken cancellationToken)
    {
        var depth = queue.GetDepthAsync(job.Id, cancellationToken);
        var read = isBackground ? progress.ReadInBackgroundAsync(job, cancellationToken) : progress.ReadAsync(job, cancellationToken);
        return new JobSnapshot(job, await read, await depth);
    }

    private async Task<JobSnapshot> ShareAsync(Job job, Kind kind, CancellationToken cancellationToken)
    {
        var reading = ReadingOf(job, kind);
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

    private SharedReading ReadingOf(Job job, Kind kind) => _readings.GetOrAdd(job.Id, static (_, arguments) =>
        new SharedReading(reading => arguments.Reader.ReadOnceAsync(arguments.Job, arguments.Kind, reading)),
        (Reader: this, Job: job, Kind: kind));

    private async Task<JobSnapshot> ReadOnceAsync(Job job, Kind kind, SharedReading reading)
    {
        CallProgress.Listen(reading);
        var startedAt = time.GetTimestamp();
        try
        {
            var recalled = kind == Kind.First ? await progress.RecallAsync(job, listings) : null;
            var snapshot = recalled is null ? await ReadAllAsync(job, isBackground: kind == Kind.Renewal, default)
                : new JobSnapshot(job, recalled, await queue.GetDepthAsync(job.Id));
            _kept.Add(snapshot, startedAt, isDue: recalled is not null);
            return snapshot;
        }
        finally
        {
            Forget(job.Id, reading);
        }
    }

    // Only this one: a write may have put a newer one in its place.
    private void Forget(string jobId, SharedReading reading) => _readings.TryRemove(KeyValuePair.Create(jobId, reading));

    private enum Kind
    {
        /// <summary>May be what was stored at the job's end.</summary>
        First,

        /// <summary>Lists everything for a request.</summary>
        Fresh,

        /// <summary>Lists everything while an earlier reading serves.</summary>
        Renewal,
    }
}
