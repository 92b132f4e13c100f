using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Datasets;

/// <summary>Distinguishes the states of a job's data by the names and times of its objects and by its event log.</summary>
public static class DatasetIdentity
{
    // Many readers share a reading, and a large one takes a tenth of a second to hash.
    private static readonly ConditionalWeakTable<JobProgress, Lazy<string>> OfReadings = [];

    /// <summary>Changes with every manifest that is written or replaced, and with every event.</summary>
    public static string Of(JobProgress read) => OfReadings.GetValue(read, static each =>
        new Lazy<string>(() => Of(each.Done, $"{each.Control.Events.Count}\n"))).Value;

    /// <summary>Changes with every manifest of the part that is written or replaced.</summary>
    /// <param name="job">The job.</param>
    /// <param name="part">The part.</param>
    /// <param name="done">The ranges that have a manifest, of all generators or of the part's alone.</param>
    public static string Of(Job job, DatasetPart part, IEnumerable<RangeEntry> done)
    {
        var generators = part.GeneratorsOf(job).Select(static each => each.Name).ToHashSet(StringComparer.Ordinal);
        return Of(done.Where(each => generators.Contains(each.Generator) && each.Range.Intersect(part.Samples) is not null), $"{part.Id}\n");
    }

    private static string Of(IEnumerable<RangeEntry> done, FormattableString head)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, head);
        foreach (var entry in done) Add(hash, $"{entry.Generator}/{entry.Range.ToKey()} {entry.At.UtcTicks}\n");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, FormattableString line) =>
        hash.AppendData(Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture)));
}
