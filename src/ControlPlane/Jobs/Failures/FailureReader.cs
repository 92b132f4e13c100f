using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

internal sealed class FailureReader(IObjectStore store, JobSnapshotReader snapshots, RecordWarnings warnings)
{
    /// <summary>A page of failures, ordered by generator name, then by index.</summary>
    /// <param name="all">Whether those are listed too that a later attempt has finished.</param>
    /// <param name="limit">1 or more.</param>
    public async Task<(IReadOnlyList<FailureView> Failures, string? Next)> ReadAsync(
        Job job, bool all, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var read = (await snapshots.ReadAsync(job, cancellationToken)).Progress;
        var (done, dead) = (read.Finished, read.GivenUp);
        var prefix = ObjectKeys.FailedPrefix(job.Id);
        List<FailureView> failures = [];
        string? last = null;
        await foreach (var entry in store.ListAsync(prefix, cursor is null ? null : prefix + cursor, cancellationToken))
        {
            if (!ObjectKeys.TryParseRange(entry.Key, out var generator, out var range)) continue;
            var missing = RangeSet.Of(range).Subtract(done.GetValueOrDefault(generator, RangeSet.Empty));
            if (missing.IsEmpty && !all) continue;
            if (failures.Count == limit) return (failures, last);
            if (await FailureStore.ReadAsync(store, job, entry.Key, warnings, cancellationToken) is not { } record) continue;
            failures.Add(View(record, done, dead));
            last = entry.Key[prefix.Length..];
        }

        return (failures, null);
    }

    /// <summary>Whether a text may be a cursor that <see cref="ReadAsync"/> returned.</summary>
    public static bool IsCursor(string text) =>
        text.Count(static each => each == '/') == 1 && ObjectKeys.TryParseRange("/" + text, out var generator, out _)
        && Pipeline.Generators.GeneratorName.IsValid(generator);

    public static FailureView View(FailureRecord record,
        IReadOnlyDictionary<string, RangeSet> done, IReadOnlyDictionary<string, RangeSet> dead)
    {
        var missing = RangeSet.Of(new SampleRange(record.StartIndex, record.NumSamples))
            .Subtract(done.GetValueOrDefault(record.Generator, RangeSet.Empty));
        return new FailureView(record, dead: !missing.Intersect(dead.GetValueOrDefault(record.Generator, RangeSet.Empty)).IsEmpty,
            recovered: missing.IsEmpty);
    }
}
