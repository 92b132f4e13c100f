using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Reads progress from object names: four LISTs, and no object is opened but a job's few events, once. A large job takes more
/// LISTs, see <see cref="ManifestListing"/>.</summary>
public sealed class ProgressReader(IObjectStore store, JobEventLog log, TimeProvider time, HaltTiming? halts = null,
    ListingPace? pace = null)
{
    private readonly ManifestListing _manifests = new(store, time, pace ?? ListingPace.Remote);

    /// <summary>Whether a job has so many batches that its readings are kept and told apart.</summary>
    public static bool IsLarge(Job job) => ManifestListing.IsLarge(job);

    public Task<JobProgress> ReadAsync(Job job, CancellationToken cancellationToken = default) =>
        ReadAsync(job, isBackground: false, cancellationToken);

    /// <summary>As <see cref="ReadAsync(Job, CancellationToken)"/>, for work that no request waits for: it makes way for
    /// requests.</summary>
    public Task<JobProgress> ReadInBackgroundAsync(Job job, CancellationToken cancellationToken = default) =>
        ReadAsync(job, isBackground: true, cancellationToken);

    private async Task<JobProgress> ReadAsync(Job job, bool isBackground, CancellationToken cancellationToken)
    {
        var control = log.ReadAsync(job.Id, cancellationToken);
        var dead = DeadAsync(job.Id, cancellationToken);
        var manifests = ManifestListing.IsLarge(job) ? ListLargeAsync() : _manifests.ReadAllAsync(job, cancellationToken);
        return await ReadAsync(job, control, dead, manifests, cancellationToken);

        async Task<ManifestRanges> ListLargeAsync()
        {
            var events = await control;
            return await _manifests.ReadAsync(job, events, (await dead).Where(events.IsCounted), isBackground, cancellationToken);
        }
    }

    /// <summary>As <see cref="ReadAsync(Job, CancellationToken)"/>, with the manifests of an earlier reading: what was written to the job's
    /// log since shows, a manifest that was stored since does not.</summary>
    public Task<JobProgress> ReadAgainAsync(Job job, JobProgress earlier, CancellationToken cancellationToken = default) =>
        ReadAsync(job, log.ReadAsync(job.Id, cancellationToken), DeadAsync(job.Id, cancellationToken),
            Task.FromResult(new ManifestRanges([.. earlier.Done], [.. earlier.Unreadable])), cancellationToken);

    /// <summary>As <see cref="ReadAsync(Job, CancellationToken)"/>, with the manifests that were stored as those of an ended job. What came
    /// after its end does not show.</summary>
    /// <returns>Null if none are stored since the job's last event.</returns>
    public async Task<JobProgress?> RecallAsync(Job job, EndedListingStore listings, CancellationToken cancellationToken = default)
    {
        if (!ManifestListing.IsLarge(job)) return null;
        var control = await log.ReadAsync(job.Id, cancellationToken);
        return await listings.FindAsync(job, control.LastNumber, cancellationToken) is not { } manifests ? null
            : await ReadAsync(job, Task.FromResult(control), DeadAsync(job.Id, cancellationToken), Task.FromResult(manifests),
                cancellationToken);
    }

    private async Task<JobProgress> ReadAsync(Job job, Task<JobControlState> control, Task<IReadOnlyList<RangeEntry>> dead,
        Task<ManifestRanges> manifests, CancellationToken cancellationToken)
    {
        var sent = SentAsync(job.Id, cancellationToken);
        await Task.WhenAll(control, sent, manifests, dead);
        var (done, unreadable) = await manifests;
        return JobProgress.Of(job, await control, new JobListing(await sent, done, await dead) { Unreadable = unreadable },
            time.GetUtcNow(), halts);
    }

    /// <summary>Per generation, the newest check-point of its sending.</summary>
    public async Task<IReadOnlyDictionary<int, DispatchCheckpoint>> SentAsync(string jobId, CancellationToken cancellationToken = default)
    {
        Dictionary<int, DispatchCheckpoint> last = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.SentPrefix(jobId), cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseSent(entry.Key, out var generation, out var batches))
                last[generation] = new DispatchCheckpoint(batches, entry.LastModified, Paused: entry.Size > 0);
        }

        return last;
    }

    /// <summary>The part of the message's range that no manifest covers yet.</summary>
    public Task<RangeSet> MissingAsync(BatchMessage message, CancellationToken cancellationToken = default) =>
        MissingAsync(message, message.Range, cancellationToken);

    /// <summary>The part of <paramref name="range"/>, a part of the message's, that no manifest covers yet.</summary>
    public async Task<RangeSet> MissingAsync(BatchMessage message, SampleRange range, CancellationToken cancellationToken = default)
    {
        var prefix = ObjectKeys.DonePrefix(message.JobId, message.Name);
        return RangeSet.Of(range).Subtract(await RangesAsync(
            prefix, ObjectKeys.TryParseDone, message.BatchStart ?? message.StartIndex, range.End, cancellationToken));
    }

    /// <summary>The ranges within the message's batch that a generation gave up.</summary>
    public Task<RangeSet> DeadAsync(BatchMessage message, int generation, CancellationToken cancellationToken = default) =>
        RangesAsync(ObjectKeys.DeadPrefix(message.JobId, generation, message.Name), TryParseEntry, message.BatchStart
            ?? message.StartIndex, message.Range.End, cancellationToken);

    // Ranges of a batch and of its parts begin within the batch, and keys sort by start: one short LIST is enough.
    private async Task<RangeSet> RangesAsync(string prefix, RangeOf parse, int start, int end, CancellationToken cancellationToken)
    {
        List<SampleRange> ranges = [];
        await foreach (var entry in store.ListAsync(prefix, ObjectKeys.Before(prefix, start), cancellationToken))
        {
            if (!parse(entry, out _, out var found)) continue;
            if (found.Start >= end) break;
            ranges.Add(found);
        }

        return RangeSet.Of(ranges);
    }

    /// <summary>The ranges that have a manifest.</summary>
    public async Task<IReadOnlyList<RangeEntry>> DoneAsync(Job job, CancellationToken cancellationToken = default) =>
        (await _manifests.ReadAllAsync(job, cancellationToken)).Done;

    /// <summary>The ranges that were given up, in whatever generation.</summary>
    public Task<IReadOnlyList<RangeEntry>> DeadAsync(string jobId, CancellationToken cancellationToken = default) =>
        EntriesAsync(ObjectKeys.DeadPrefix(jobId), key => ObjectKeys.GenerationOfDead(jobId, key), cancellationToken);

    /// <summary>The ranges of which a try failed, whatever became of them since.</summary>
    public Task<IReadOnlyList<RangeEntry>> FailedAsync(string jobId, CancellationToken cancellationToken = default) =>
        EntriesAsync(ObjectKeys.FailedPrefix(jobId), static _ => 0, cancellationToken);

    private delegate bool RangeOf(ObjectEntry entry, out string generator, out SampleRange range);

    // Of a range that failed or was given up the name says all that is counted.
    private static bool TryParseEntry(ObjectEntry entry, out string generator, out SampleRange range) =>
        ObjectKeys.TryParseRange(entry.Key, out generator, out range);

    private async Task<IReadOnlyList<RangeEntry>> EntriesAsync(
        string prefix, Func<string, int> generationOf, CancellationToken cancellationToken)
    {
        List<RangeEntry> entries = [];
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseRange(entry.Key, out var generator, out var range))
                entries.Add(new RangeEntry(generator, range, entry.LastModified, generationOf(entry.Key)));
        }

        return entries;
    }
}
