using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

internal sealed class FailureReader(IObjectStore store, JobSnapshotReader snapshots, RecordWarnings warnings)
{
    private const int Parallelism = 32;

    /// <summary>A page of failures, ordered by generator name, then by index.</summary>
    /// <param name="generator">Only this one's; null for all.</param>
    /// <param name="all">Whether those are listed too that a later attempt has finished.</param>
    /// <param name="limit">1 or more.</param>
    public async Task<(IReadOnlyList<FailureView> Failures, string? Next)> ReadAsync(
        Job job, string? generator, bool all, string? cursor, int limit, CancellationToken cancellationToken) => await ReadAsync(
            job, (await snapshots.ReadAsync(job, cancellationToken)).Progress, generator, all, cursor, limit, cancellationToken);

    /// <summary>As the other one, of a job whose progress is known.</summary>
    public async Task<(IReadOnlyList<FailureView> Failures, string? Next)> ReadAsync(
        Job job, JobProgress read, string? only, bool all, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (done, dead) = (read.Finished, read.GivenUp);
        var prefix = ObjectKeys.FailedPrefix(job.Id);
        List<FailureView> failures = [];
        List<string> unread = [];
        string? last = null;
        await foreach (var entry in store.ListAsync(prefix, StartAfter(prefix, only, cursor), cancellationToken))
        {
            if (only is not null && !entry.Key.AsSpan(prefix.Length).StartsWith(only + "/")) break;
            if (!ObjectKeys.TryParseRange(entry.Key, out var generator, out var range)) continue;
            var missing = RangeSet.Of(range).Subtract(done.GetValueOrDefault(generator, RangeSet.Empty));
            if (missing.IsEmpty && !all) continue;
            if (failures.Count + unread.Count == limit) await AddUnreadAsync();
            if (failures.Count == limit) return (failures, last);
            unread.Add(entry.Key);
        }

        await AddUnreadAsync();
        return (failures, null);

        async Task AddUnreadAsync()
        {
            foreach (var (key, record) in await RecordsAsync(job, unread, cancellationToken))
            {
                failures.Add(View(record, done, dead));
                last = key[prefix.Length..];
            }

            unread.Clear();
        }
    }

    // Records are ordered by generator: a list of one begins before its first and ends where they do.
    private static string? StartAfter(string prefix, string? only, string? cursor)
    {
        var first = only is null ? null : only + "/";
        var from = cursor is null || string.CompareOrdinal(cursor, first) < 0 ? first : cursor;
        return from is null ? null : prefix + from;
    }

    /// <summary>Reads records concurrently, in their order and without those that are gone.</summary>
    private async Task<IEnumerable<(string Key, FailureRecord Record)>> RecordsAsync(
        Job job, List<string> keys, CancellationToken cancellationToken)
    {
        var records = new FailureRecord?[keys.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, keys.Count),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (at, stop) => records[at] = await FailureStore.ReadAsync(store, job, keys[at], warnings, stop));
        return keys.Zip(records).Where(static each => each.Second is not null).Select(static each => (each.First, each.Second!));
    }

    /// <summary>Whether a text may be a cursor that a page of failures ended with.</summary>
    public static bool IsCursor(string text) =>
        text.Count(static each => each == '/') == 1 && ObjectKeys.TryParseRange("/" + text, out var generator, out _)
        && Pipeline.Generators.GeneratorName.IsValid(generator);

    public static FailureView View(FailureRecord record,
        IReadOnlyDictionary<string, RangeSet> done, IReadOnlyDictionary<string, RangeSet> dead)
    {
        var missing = RangeSet.Of(new SampleRange(record.StartIndex, record.NumSamples))
            .Subtract(done.GetValueOrDefault(record.Generator, RangeSet.Empty));
        return new FailureView(record, permanent: !missing.Intersect(dead.GetValueOrDefault(record.Generator, RangeSet.Empty)).IsEmpty,
            recovered: missing.IsEmpty);
    }
}
