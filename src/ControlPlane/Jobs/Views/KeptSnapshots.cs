namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>
/// The last readings of large jobs, each for a while in proportion to its objects. After that time a reading is due again, and the old one
/// serves until the new one is there, three times as long at most.
/// </summary>
internal sealed class KeptSnapshots(TimeProvider time)
{
    // A tenth of a second for each page of S3 beyond the first: readers spend a bounded share of the time on LISTs, and small jobs are
    // always read.
    private const int FreeObjects = 1_000;
    private const double SecondsPerObject = 0.1 / 1_000;
    private const int Patience = 3;
    private static readonly TimeSpan LongestFresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>The reading that serves this job's readers; null if there is none.</summary>
    public (JobSnapshot Snapshot, bool IsDue)? Find(string jobId)
    {
        return _kept.TryGetValue(jobId, out var kept) && !kept.IsOver(time)
            ? (kept.Snapshot, kept.IsDue || time.GetElapsedTime(kept.ReadAt) >= kept.Fresh) : null;
    }

    /// <summary>Keeps a reading of many objects, unless a later one is there.</summary>
    /// <param name="snapshot">The reading.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="isDue">Whether the next reader is to begin another one.</param>
    public void Add(JobSnapshot snapshot, long startedAt, bool isDue = false)
    {
        var fresh = TimeSpan.FromSeconds((snapshot.Progress.Done.Count - FreeObjects) * SecondsPerObject);
        if (fresh <= TimeSpan.Zero) return;
        foreach (var (id, former) in _kept)
            if (former.IsOver(time)) _kept.TryRemove(KeyValuePair.Create(id, former));
        var kept = new Kept(snapshot, startedAt, time.GetTimestamp(), fresh < LongestFresh ? fresh : LongestFresh, isDue);
        _kept.AddOrUpdate(snapshot.Job.Id, kept, (_, former) => former.StartedAt > startedAt ? former : kept);
    }

    public void Remove(string jobId) => _kept.TryRemove(jobId, out _);

    private sealed record Kept(JobSnapshot Snapshot, long StartedAt, long ReadAt, TimeSpan Fresh, bool IsDue)
    {
        public bool IsOver(TimeProvider time) => time.GetElapsedTime(ReadAt) >= Patience * Fresh;
    }
}
