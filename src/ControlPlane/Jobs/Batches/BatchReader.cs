using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.Worker.Samples;

namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>Reads a job's batches: how they stand from object names, the rest from the objects of those on the page.</summary>
internal sealed class BatchReader(IObjectStore store, ProgressReader progress, JobEventLog log, RecordWarnings warnings,
    ProofWaits? waits = null)
{
    // A batch may have finished in thousands of parts; a page ends before it costs more than this.
    private const int MaxObjects = 1_000;
    private const int Parallelism = 32;
    // Generators that are listed at once.
    private const int MaxAtOnce = 16;

    /// <summary>A page of batches, ordered by generator name, then by index.</summary>
    /// <param name="state">Null for all, as for <paramref name="generator"/>.</param>
    /// <param name="after">The batch after which the page begins, by its first sample.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="again">Whether a manifest that cannot be read has ended a first reading.</param>
    public async Task<(IReadOnlyList<BatchView> Batches, SampleCursor? Next)> ReadAsync(
        Job job, BatchState? state, string? generator, SampleCursor? after, int limit, CancellationToken cancellationToken,
        bool again = false)
    {
        List<Batch> page = [];
        var objects = 0;
        SampleCursor? next = null;
        await foreach (var batch in BatchesAsync(job, state, generator, after, limit + 1, cancellationToken))
        {
            objects += batch.Manifests.Count + batch.Failures.Count;
            if (page.Count == limit || (page.Count > 0 && objects > MaxObjects))
            {
                next = new SampleCursor(page[^1].Generator, page[^1].Range.Start);
                break;
            }

            page.Add(batch);
        }

        var told = page.SelectMany(static batch => batch.Manifests).Select(static each => each.Key).Distinct(StringComparer.Ordinal)
            .Count();
        var manifests = await GetAsync(page.SelectMany(static batch => batch.Manifests),
            (key, stop) => store.GetManifestAsync<ManifestHead>(key, warnings, stop), cancellationToken);
        var failures = await GetAsync(page.SelectMany(static batch => batch.Failures),
            (key, stop) => FailureStore.ReadAsync(store, job, key, warnings, stop), cancellationToken);
        // One that cannot be read has lost its name by now, so that the batch is not done.
        if (manifests.Count < told && !again) return await ReadAsync(job, state, generator, after, limit, cancellationToken, again: true);
        return ([.. page.Select(batch => View(batch, Those(manifests, batch.Manifests), Those(failures, batch.Failures)))], next);
    }

    /// <param name="enough">More batches of a generator are not needed.</param>
    private async IAsyncEnumerable<Batch> BatchesAsync(Job job, BatchState? state, string? only, SampleCursor? after, int enough,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var control = await log.ReadAsync(job.Id, cancellationToken);
        var dead = (await progress.DeadAsync(job.Id, cancellationToken)).Where(control.IsCounted)
            .ToLookup(static entry => entry.Generator, StringComparer.Ordinal);
        List<JobGenerator> generators = [.. job.Generators
            .Where(each => (only is null || each.Name == only) && (state != BatchState.Failed || dead.Contains(each.Name))
                && (after is null || string.CompareOrdinal(each.Name, after.Value.Generator) >= 0))
            .OrderBy(static each => each.Name, StringComparer.Ordinal)];
        // The first generator may fill the page. Where few batches are in the state, many generators have to be listed for one page.
        for (var (next, atOnce) = (0, 1); next < generators.Count; (next, atOnce) = (next + atOnce, Math.Min(2 * atOnce, MaxAtOnce)))
        {
            var reading = generators.Skip(next).Take(atOnce).Select(generator => BatchesAsync(
                    job, generator, control, dead[generator.Name], after, cancellationToken)
                .Where(batch => state is null || batch.State == state).Take(enough).ToListAsync(cancellationToken).AsTask());
            foreach (var batch in (await Task.WhenAll(reading)).SelectMany(static batches => batches)) yield return batch;
        }
    }

    private async IAsyncEnumerable<Batch> BatchesAsync(Job job, JobGenerator generator, JobControlState control,
        IEnumerable<RangeEntry> dead, SampleCursor? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = generator.Name;
        var from = after?.Generator == name ? after.Value.Index + 1 : 0;
        // Nothing is longer than a batch may be: what starts earlier than this ends before the first batch.
        var first = Math.Max(0, from - JobLimits.MaxBatchSize);
        var halted = control.Paused || control.For(name).Halt is not null;
        await using var done = new RangeWindow(ObjectsAsync(
            ObjectKeys.DonePrefix(job.Id, name), first, Manifest.MinBytes, cancellationToken), cancellationToken);
        await using var failed = new RangeWindow(ObjectsAsync(ObjectKeys.FailedPrefix(job.Id, name), first, 0, cancellationToken),
            cancellationToken);
        await using var given = new RangeWindow(dead.OrderBy(static entry => entry.Range.Start)
            .Select(static entry => new RangeObject("", entry.Range, entry.At)).ToAsyncEnumerable(), cancellationToken);
        foreach (var range in job.BatchesOf(generator, control.For(name)).SkipWhile(range => range.Start < from))
        {
            var proving = waits?.IsProving(job.Id, generator.Source, range) == true;
            yield return Batch.Of(name, range, halted, proving, await done.OverAsync(range), await failed.OverAsync(range),
                await given.OverAsync(range));
        }
    }

    private async IAsyncEnumerable<RangeObject> ObjectsAsync(
        string prefix, int from, int minBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(prefix, ObjectKeys.Before(prefix, from), cancellationToken))
        {
            if (ObjectKeys.TryParseRange(entry.Key, out _, out var range) && entry.Size >= minBytes) yield return new RangeObject(
                entry.Key, range, entry.LastModified);
        }
    }

    private static async Task<IReadOnlyDictionary<string, T>> GetAsync<T>(
        IEnumerable<RangeObject> objects, Func<string, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        ConcurrentDictionary<string, T> found = new(StringComparer.Ordinal);
        await Parallel.ForEachAsync(objects.Select(static each => each.Key).Distinct(StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (key, stop) =>
            {
                if (await read(key, stop) is { } value) found[key] = value;
            });
        return found;
    }

    private static List<T> Those<T>(IReadOnlyDictionary<string, T> found, IReadOnlyList<RangeObject> objects) =>
        [.. objects.Where(each => found.ContainsKey(each.Key)).Select(each => found[each.Key])];

    private static BatchView View(Batch batch, List<ManifestHead> manifests, List<FailureRecord> failures) => new()
    {
        Generator = batch.Generator,
        StartIndex = batch.Range.Start,
        Samples = batch.Range.Count,
        State = batch.State,
        SamplesDone = batch.SamplesDone,
        SamplesFailed = batch.SamplesFailed,
        Seconds = manifests.Count == 0 ? null : Math.Round(manifests.Sum(static each => each.Seconds), 3),
        Attempts = manifests.Select(static each => each.Attempt).Concat(failures.Select(static each => (int?)each.Attempt)).Max(),
        Workers = [.. manifests.Select(static each => each.Worker).OfType<string>().Distinct(StringComparer.Ordinal)],
        FinishedAt = batch.State == BatchState.Done && manifests.Count > 0 ? manifests.Max(static each => each.FinishedAt) : null,
        LastError = failures is [var last, ..] ? new BatchErrorView(last) : null,
    };

    /// <summary>A manifest without its samples, which are most of it.</summary>
    private sealed record ManifestHead(double Seconds, DateTimeOffset FinishedAt, int? Attempt = null, string? Worker = null);
}
