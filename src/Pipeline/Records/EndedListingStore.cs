using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// The listings of large jobs that have ended, each in one object: a process that has never read such a job answers from it, while a
/// LIST of its manifests takes a second of processor time for 200,000. It saves time only: nothing is decided by it alone.
/// </summary>
public sealed class EndedListingStore(IObjectStore store, RecordWarnings? warnings = null)
{
    private const int IdentityLength = 16;

    /// <summary>Stores what a reading of a large job that has ended lists, unless it is there.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">The reading.</param>
    /// <param name="identityOf">Tells the state of a reading's data from others, in 16 or more digits.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task PutAsync(Job job, JobProgress read, Func<JobProgress, string> identityOf,
        CancellationToken cancellationToken = default)
    {
        if (!ManifestListing.IsLarge(job) || !read.Settled) return;
        var key = ObjectKeys.EndedListing(job.Id, read.Control.LastNumber, identityOf(read)[..IdentityLength]);
        List<string> former = [];
        await foreach (var entry in store.ListAsync(ObjectKeys.EndedListingPrefix(job.Id), cancellationToken: cancellationToken))
            former.Add(entry.Key);
        if (former.Contains(key)) return;
        await store.PutJsonAsync(key, EndedListing.Of(job, read), cancellationToken: cancellationToken);
        await store.DeleteManyAsync(former, cancellationToken);
    }

    /// <summary>The listing that was stored after the job's last event; null if there is none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="lastEvent">The number of its last event.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    internal async Task<ManifestRanges?> FindAsync(Job job, int lastEvent, CancellationToken cancellationToken)
    {
        var prefix = ObjectKeys.EndedListingPrefix(job.Id, lastEvent);
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
            return (await store.TryGetJsonAsync<EndedListing>(entry.Key, cancellationToken)).OrWarn(warnings)?.ToRanges(job);
        return null;
    }
}

/// <param name="Generators">What each generator has.</param>
internal sealed record EndedListing(IReadOnlyList<EndedListing.Generator> Generators)
{
    private const int PerRange = 3;

    /// <param name="Name">The generator's.</param>
    /// <param name="Done">Three numbers for each range that has a manifest: its first index, its samples, and the manifest's time in 100 ns
    /// since the job's creation.</param>
    /// <param name="Unreadable">The ranges whose manifest cannot be read, likewise.</param>
    internal sealed record Generator(string Name, long[] Done, long[] Unreadable);

    public static EndedListing Of(Job job, JobProgress read)
    {
        var (done, unreadable) = (ByGenerator(read.Done), ByGenerator(read.Unreadable));
        return new EndedListing([.. job.Generators.Select(static each => each.Name)
            .Select(name => new Generator(name, Numbers(job, done[name]), Numbers(job, unreadable[name])))]);
    }

    /// <returns>The ranges in the order of a LIST; null if this is no listing of the job.</returns>
    public ManifestRanges? ToRanges(Job job)
    {
        var names = job.Generators.Select(static each => each.Name).ToHashSet(StringComparer.Ordinal);
        if (Generators is null || Generators.Count != names.Count) return null;
        if (!Generators.All(each => names.Contains(each.Name ?? "") && IsSound(each.Done) && IsSound(each.Unreadable))) return null;
        var sorted = Generators.OrderBy(static each => each.Name + "/", StringComparer.Ordinal).ToList();
        return new ManifestRanges([.. sorted.SelectMany(each => Ranges(job, each.Name, each.Done))],
            [.. sorted.SelectMany(each => Ranges(job, each.Name, each.Unreadable))]);
    }

    private static ILookup<string, RangeEntry> ByGenerator(IEnumerable<RangeEntry> entries) =>
        entries.ToLookup(static each => each.Generator, StringComparer.Ordinal);

    private static long[] Numbers(Job job, IEnumerable<RangeEntry> entries) =>
        [.. entries.SelectMany(each => new[] { each.Range.Start, each.Range.Count, (each.At - job.CreatedAt).Ticks })];

    private static bool IsSound(long[]? numbers)
    {
        if (numbers is null || numbers.Length % PerRange != 0) return false;
        for (var at = 0; at < numbers.Length; at += PerRange)
        {
            var (start, count) = (numbers[at], numbers[at + 1]);
            if (start is < 0 or >= SampleRange.MaxEnd || count <= 0 || count > SampleRange.MaxEnd - start) return false;
        }

        return true;
    }

    private static IEnumerable<RangeEntry> Ranges(Job job, string generator, long[] numbers)
    {
        for (var at = 0; at < numbers.Length; at += PerRange)
        {
            yield return new RangeEntry(generator, new SampleRange((int)numbers[at], (int)numbers[at + 1]),
                (job.CreatedAt + TimeSpan.FromTicks(numbers[at + 2])).ToUniversalTime());
        }
    }
}
