using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Records;

public sealed class JobStore(IObjectStore store, RecordWarnings? warnings = null)
{
    // A record never changes once written, so a bounded copy in memory cannot be stale.
    private const int CacheSize = 1_000;
    private readonly PendingJobs _pending = new(store);
    private readonly ConcurrentDictionary<string, Job> _cache = new(StringComparer.Ordinal);

    /// <summary>Writes a new job's markers, then its record: a crash between leaves no job, and no half job.</summary>
    /// <exception cref="InvalidOperationException">The id is taken.</exception>
    public async Task CreateAsync(Job job, CancellationToken cancellationToken = default)
    {
        if (!await TryCreateAsync(job, cancellationToken)) throw new InvalidOperationException($"The job id '{job.Id}' is taken.");
    }

    /// <summary>As <see cref="CreateAsync"/>. A preview is not listed.</summary>
    /// <returns>False if the id is taken.</returns>
    public async Task<bool> TryCreateAsync(Job job, CancellationToken cancellationToken = default)
    {
        using var empty = new MemoryStream();
        if (!JobId.IsPreview(job.Id)) await store.PutAsync(
            ObjectKeys.Submitted(job.CreatedAt, job.Id), empty, cancellationToken: cancellationToken);
        await _pending.MarkAsync(job.Id, cancellationToken);
        if (await store.PutJsonAsync(ObjectKeys.Job(job.Id), job, ifAbsent: true, cancellationToken))
        {
            PipelineMetrics.JobAccepted();
            return true;
        }

        var there = await ReadAsync(job.Id, cancellationToken);
        // A write whose answer was lost is repeated below this call and then meets itself.
        if (there.Unreadable is null) return there.Value?.CreatedAt == job.CreatedAt;
        // Ids do not repeat by chance: it is this job's own record, which a power cut has cut short.
        return await store.PutJsonAsync(ObjectKeys.Job(job.Id), job, cancellationToken: cancellationToken);
    }

    /// <summary>Null when there is no such job, or its record cannot be read.</summary>
    public async Task<Job?> FindAsync(string jobId, CancellationToken cancellationToken = default) =>
        (await ReadAsync(jobId, cancellationToken)).Value;

    /// <summary>A job's record, which may be absent or unreadable.</summary>
    public async Task<StoredRecord<Job>> ReadAsync(string jobId, CancellationToken cancellationToken = default)
    {
        if (!JobId.IsValid(jobId)) return new StoredRecord<Job>("", null, null, null);
        var key = ObjectKeys.Job(jobId);
        if (_cache.TryGetValue(jobId, out var known)) return new StoredRecord<Job>(key, known, null, known.CreatedAt);
        var read = (await store.TryGetJsonAsync<Job>(key, cancellationToken)).Where(job => job.Id == jobId, "it is another job's.");
        if (read.OrWarn(warnings) is not { } job) return read;
        if (_cache.Count >= CacheSize) _cache.Clear();
        _cache[jobId] = job;
        return read;
    }

    /// <summary>All jobs, the newest first, also those with an unreadable record.</summary>
    /// <param name="cursor">The cursor of the last job that was seen; null for the first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<ListedJob> ListAsync(
        string? cursor = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var after = cursor is null ? null : ObjectKeys.SubmittedPrefix + cursor;
        await foreach (var entry in store.ListAsync(ObjectKeys.SubmittedPrefix, after, cancellationToken))
        {
            if (!ObjectKeys.TryParseSubmitted(entry.Key, out var jobId))
            {
                warnings?.Foreign(entry.Key);
                continue;
            }

            var read = await ReadAsync(jobId, cancellationToken);
            // A marker whose record was never written is a submission that died before it was accepted.
            if (!read.IsAbsent) yield return new ListedJob(jobId, read, entry.Key[ObjectKeys.SubmittedPrefix.Length..]);
        }
    }

    /// <summary>The newest jobs whose records can be read, the newest first: one LIST, and a GET for each that is not in memory, all
    /// of them at the same time.</summary>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<Job>> NewestAsync(int limit, CancellationToken cancellationToken = default)
    {
        List<Task<StoredRecord<Job>>> reads = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.SubmittedPrefix, cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseSubmitted(entry.Key, out var jobId)) reads.Add(ReadAsync(jobId, cancellationToken));
            if (reads.Count == limit) break;
        }

        return [.. (await Task.WhenAll(reads)).Select(static read => read.Value).OfType<Job>()];
    }

    /// <summary>The marker by which a job is listed, searched among all where the record is no help; null if it has none.</summary>
    public async Task<string?> FindMarkerAsync(string jobId, CancellationToken cancellationToken = default)
    {
        await foreach (var entry in store.ListAsync(ObjectKeys.SubmittedPrefix, cancellationToken: cancellationToken))
            if (ObjectKeys.TryParseSubmitted(entry.Key, out var other) && other == jobId) return entry.Key;
        return null;
    }
}

/// <param name="Cursor">With which a list goes on behind it.</param>
public sealed record ListedJob(string Id, StoredRecord<Job> Record, string Cursor);
