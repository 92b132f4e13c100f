namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>Reads the failures of a job.</summary>
internal sealed class FailureReader(IObjectStore store, ProgressReader progress, JobEventLog log, RecordWarnings warnings)
{
    /// <summary>A page of failures, ordered by generator name, then by index.</summary>
    /// <param name="job">The job.</param>
    /// <param name="all">Whether those are listed too that a later attempt has finished.</param>
    /// <param name="cursor">What the page before returned.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<(IReadOnlyList<FailureView> Failures, string? Next)> ReadAsync(
        Job job, bool all, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var control = await log.ReadAsync(job.Id, cancellationToken);
        var done = RangeEntry.ByGenerator(await progress.DoneAsync(job.Id, cancellationToken));
        var dead = RangeEntry.ByGenerator((await progress.DeadAsync(job.Id, cancellationToken)).Where(control.IsCounted));
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

    /// <param name="record">The failure.</param>
    /// <param name="done">Per generator, what is finished.</param>
    /// <param name="dead">Per generator, what was given up.</param>
    public static FailureView View(FailureRecord record,
        IReadOnlyDictionary<string, RangeSet> done, IReadOnlyDictionary<string, RangeSet> dead)
    {
        var missing = RangeSet.Of(new SampleRange(record.StartIndex, record.NumSamples))
            .Subtract(done.GetValueOrDefault(record.Generator, RangeSet.Empty));
        return new FailureView(record, dead: !missing.Intersect(dead.GetValueOrDefault(record.Generator, RangeSet.Empty)).IsEmpty,
            recovered: missing.IsEmpty);
    }
}
