using System.Collections.Concurrent;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Job records in the object store.</summary>
public sealed class JobStore(IObjectStore store)
{
    // A record never changes once written, so a bounded copy in memory cannot be stale.
    private const int CacheSize = 1_000;
    private readonly ConcurrentDictionary<string, Job> _cache = new(StringComparer.Ordinal);

    /// <summary>Writes a new job's markers, then its record: a crash between leaves no job, and no half job.</summary>
    /// <exception cref="InvalidOperationException">The id is taken.</exception>
    public async Task CreateAsync(Job job, CancellationToken cancellationToken = default)
    {
        if (!await TryCreateAsync(job, cancellationToken)) throw new InvalidOperationException($"The job id '{job.Id}' is taken.");
    }

    /// <summary>The same; a preview gets no marker, so that it is not listed.</summary>
    /// <returns>False if the id is taken.</returns>
    public async Task<bool> TryCreateAsync(Job job, CancellationToken cancellationToken = default)
    {
        using var empty = new MemoryStream();
        if (!JobId.IsPreview(job.Id))
        {
            await store.PutAsync(ObjectKeys.Submitted(job.CreatedAt, job.Id), empty, cancellationToken: cancellationToken);
            await store.PutAsync(ObjectKeys.DatasetPending(job.Id), empty, cancellationToken: cancellationToken);
        }

        if (job.WebhookUrl is not null) await store.PutAsync(ObjectKeys.WebhookPending(job.Id), empty, cancellationToken: cancellationToken);
        if (await store.PutJsonAsync(ObjectKeys.Job(job.Id), job, ifAbsent: true, cancellationToken))
        {
            PipelineMetrics.JobAccepted();
            return true;
        }

        // A write whose answer was lost is repeated below this call and then meets itself.
        return (await FindAsync(job.Id, cancellationToken))?.CreatedAt == job.CreatedAt;
    }

    /// <summary>Null when there is no such job.</summary>
    public async Task<Job?> FindAsync(string jobId, CancellationToken cancellationToken = default)
    {
        if (!JobId.IsValid(jobId)) return null;
        if (_cache.TryGetValue(jobId, out var known)) return known;
        var job = await store.GetJsonAsync<Job>(ObjectKeys.Job(jobId), cancellationToken);
        if (job is null) return null;
        if (_cache.Count >= CacheSize) _cache.Clear();
        return _cache[jobId] = job;
    }

    /// <summary>A page of jobs, newest first.</summary>
    /// <param name="limit">1 or more.</param>
    /// <param name="cursor">What the page before returned; null for the first.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The jobs, and the cursor of the next page or null when this is the last.</returns>
    public async Task<(IReadOnlyList<Job> Jobs, string? Next)> ListAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        List<Job> jobs = [];
        string? last = null;
        var after = cursor is null ? null : ObjectKeys.SubmittedPrefix + cursor;
        await foreach (var entry in store.ListAsync(ObjectKeys.SubmittedPrefix, after, cancellationToken))
        {
            if (jobs.Count == limit) return (jobs, last);
            last = entry.Key[ObjectKeys.SubmittedPrefix.Length..];
            // A marker whose record was never written is a submission that died before it was accepted.
            if (await FindAsync(ObjectKeys.JobIdOfSubmitted(entry.Key), cancellationToken) is { } job) jobs.Add(job);
        }

        return (jobs, null);
    }
}
