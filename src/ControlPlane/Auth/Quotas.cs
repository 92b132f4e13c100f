namespace VmDataset.ControlPlane.Auth;

/// <summary>
/// How many unfinished jobs and samples a caller may have. Each counted job has an empty object below its owner's prefix,
/// written before the job itself: whoever writes and then counts sees every other, so no two can take the last place.
/// </summary>
internal sealed class Quotas(AccessLimits limits, IObjectStore store, JobStore jobs, ProgressReader progress, TimeProvider time,
    RecordWarnings? warnings = null)
{
    private const int LooksAtOnce = 8;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    // A job's record follows its marker within a moment; a marker without one after this long is left over.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Callers of one instance take turns, or two that ask for the last place at once would both be refused.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 32).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>Takes a place for a job that is about to be created.</summary>
    /// <returns>The problem if there is none, else null.</returns>
    public async Task<ProblemHttpResult?> TryOpenAsync(Caller caller, Job job, CancellationToken cancellationToken = default)
    {
        var (maxJobs, maxSamples) = (limits.OpenJobs(caller), limits.OpenSamples(caller));
        if (maxJobs is null && maxSamples is null) return null;
        var samples = job.TotalSamples();
        // No waiting would help.
        if (samples > maxSamples)
            return Problem.Invalid(new ValidationError("samples",
                $"samples for all generators together are {samples}; allowed: at most {maxSamples}, the quota of {caller.Id}."));
        if (maxJobs == 0) return Problem.Of(StatusCodes.Status403Forbidden, $"{caller.Id} may have no jobs: its quota of open jobs is 0.");

        var turn = _turns[(uint)StringComparer.Ordinal.GetHashCode(caller.Id) % _turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            using var empty = new MemoryStream();
            var own = ObjectKeys.Open(caller.Id, samples, job.Id);
            var isNew = await store.PutAsync(own, empty, ifAbsent: true, cancellationToken);
            // A retry's place is as new as that of a job, see HasEndedAsync.
            if (!isNew) await store.PutAsync(own, empty, cancellationToken: cancellationToken);
            var open = await OpenAsync(caller.Id, cancellationToken);
            if (Excess(open) is null) return null;
            open = await WithoutEndedAsync(open, own, cancellationToken);
            if (Excess(open) is not { } excess) return null;
            if (isNew) await store.DeleteAsync(own, CancellationToken.None);
            return Problem.TooMany(excess, RetryAfter);
        }
        finally
        {
            turn.Release();
        }

        string? Excess(IReadOnlyCollection<ObjectEntry> open)
        {
            var sum = open.Sum(static entry => ObjectKeys.TryParseOpen(entry.Key, out var counted, out _) ? counted : 0);
            if (open.Count > maxJobs)
                return $"{caller.Id} has {open.Count - 1} unfinished jobs; allowed: {maxJobs} at once (max_open_jobs).";
            return sum > maxSamples
                ? $"{caller.Id} has unfinished jobs of {sum - samples} samples, and this one has {samples}; allowed: {maxSamples} together (max_open_samples)."
                : null;
        }
    }

    /// <summary>Gives back the place of a job that was not created after all.</summary>
    public Task CloseAsync(Caller caller, Job job, CancellationToken cancellationToken = default) =>
        store.DeleteAsync(ObjectKeys.Open(caller.Id, job.TotalSamples(), job.Id), cancellationToken);

    private async Task<List<ObjectEntry>> OpenAsync(string owner, CancellationToken cancellationToken)
    {
        List<ObjectEntry> open = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.OpenPrefix(owner), cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseOpen(entry.Key, out _, out _)) open.Add(entry);
            else warnings?.Foreign(entry.Key);
        }

        return open;
    }

    /// <summary>Forgets jobs that have ended since: only now that a place is wanted is it worth looking at them.</summary>
    private async Task<List<ObjectEntry>> WithoutEndedAsync(List<ObjectEntry> open, string own, CancellationToken cancellationToken)
    {
        List<ObjectEntry> left = [];
        foreach (var some in open.Chunk(LooksAtOnce))
        {
            var ended = await Task.WhenAll(some.Select(entry => entry.Key == own ? Task.FromResult(false)
                : HasEndedAsync(entry, cancellationToken)));
            foreach (var (entry, isEnded) in some.Zip(ended))
            {
                if (isEnded) await store.DeleteAsync(entry.Key, cancellationToken);
                else left.Add(entry);
            }
        }

        return left;
    }

    private async Task<bool> HasEndedAsync(ObjectEntry entry, CancellationToken cancellationToken)
    {
        // A job whose record cannot be read takes no place: it does not go on.
        if (!ObjectKeys.TryParseOpen(entry.Key, out _, out var jobId) || await jobs.FindAsync(jobId, cancellationToken) is not { } job)
            return time.GetUtcNow() - entry.LastModified > Patience;
        var read = await progress.ReadAsync(job, cancellationToken);
        if (read.Control.Deleted) return true;
        // A place that was taken after the job's end is a retry's, whose event is about to come.
        return read.Ended && (entry.LastModified <= read.LastChangeAt || time.GetUtcNow() - entry.LastModified > Patience);
    }
}
