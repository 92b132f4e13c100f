namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>A batch as object names tell of it.</summary>
internal sealed record Batch
{
    // The newest failures tell enough of a batch in which thousands failed one by one.
    private const int MaxFailures = 20;

    private Batch(string generator, SampleRange range) => (Generator, Range) = (generator, range);

    public string Generator { get; }

    public SampleRange Range { get; }

    public required BatchState State { get; init; }

    public required int SamplesDone { get; init; }

    public required int SamplesFailed { get; init; }

    public required IReadOnlyList<RangeObject> Manifests { get; init; }

    /// <summary>The newest failures of missing samples, the newest first; empty unless the batch failed or is tried again.</summary>
    public required IReadOnlyList<RangeObject> Failures { get; init; }

    /// <param name="proving">Whether its samples wait for a proof of process reuse.</param>
    /// <param name="manifests">Those that share an index with the range, as do the next two.</param>
    public static Batch Of(
        string generator, SampleRange range, bool halted, bool proving,
            IReadOnlyList<RangeObject> manifests, IReadOnlyList<RangeObject> failed, IReadOnlyList<RangeObject> dead)
    {
        var missing = RangeSet.Of(range).Subtract(Set(manifests));
        var given = dead.Count == 0 ? RangeSet.Empty : missing.Intersect(Set(dead));
        List<RangeObject> failures = missing.IsEmpty ? []
            : [.. failed.Where(each => missing.Overlaps(each.Range)).OrderByDescending(static each => each.At)];
        var state = missing.IsEmpty ? BatchState.Done
            : !given.IsEmpty ? BatchState.Failed
            : halted ? BatchState.Halted
            : failures.Count > 0 ? BatchState.Retrying
            : proving && missing.SampleCount == range.Count ? BatchState.Proving
            : BatchState.Waiting;
        return new Batch(generator, range)
        {
            State = state,
            SamplesDone = range.Count - (int)missing.SampleCount,
            SamplesFailed = (int)given.SampleCount,
            Manifests = manifests,
            Failures = state is BatchState.Failed or BatchState.Retrying ? [.. failures.Take(MaxFailures)] : [],
        };
    }

    private static RangeSet Set(IEnumerable<RangeObject> objects) => RangeSet.Of(objects.Select(static each => each.Range));
}
