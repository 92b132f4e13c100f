using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>Groups a job's failures by what their generators say, numbers aside.</summary>
internal sealed class FailureCauseReader(FailureReader failures, JobSnapshotReader snapshots)
{
    /// <summary>Records that one reading takes: each is an object of the store.</summary>
    public const int MaxRecords = 500;

    /// <summary>Records among which one cause is looked for.</summary>
    public const int MaxSearched = 10 * MaxRecords;

    private const int MaxRanges = 12;

    /// <summary>The causes of a job's failures, those of most samples first.</summary>
    /// <param name="generator">Only this one's; null for all.</param>
    /// <param name="cursor">One that this returned, or that of a list of failures; null for the first records.</param>
    /// <param name="limit">Causes at most, 1 or more.</param>
    public async Task<FailureCausePage> ReadAsync(
        Job job, string? generator, string? cursor, int limit, CancellationToken cancellationToken) =>
        await ReadAsync(await snapshots.ReadAsync(job, cancellationToken), generator, cursor, limit, cancellationToken);

    /// <summary>As the other one, of a job that is read already.</summary>
    public async Task<FailureCausePage> ReadAsync(
        JobSnapshot snapshot, string? generator, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (job, read) = (snapshot.Job, snapshot.Progress);
        var (found, next) = await failures.ReadAsync(job, read, generator, all: false, cursor, MaxRecords, cancellationToken);
        var causes = found.GroupBy(static each => each.Generator, StringComparer.Ordinal).SelectMany(each => Of(job, read, each.Key, each))
            .OrderByDescending(static cause => cause.Samples).ThenBy(static cause => cause.Generator, StringComparer.Ordinal)
            .ThenBy(static cause => cause.FirstIndex).ToList();
        return new FailureCausePage
        {
            Items = [.. causes.Take(limit)],
            LeftOut = Math.Max(0, causes.Count - limit),
            Records = found.Count,
            Complete = next is null,
            NextCursor = next,
        };
    }

    /// <summary>The samples that failed by one cause and are not finished since.</summary>
    /// <param name="id">The cause's.</param>
    /// <param name="only">The generator whose records are read; null for all of the job's.</param>
    /// <returns>With the cause's generator, which is null if no failure has this cause; null if there are more than
    /// <see cref="MaxSearched"/> records.</returns>
    public async Task<(string? Generator, RangeSet Samples)?> FindAsync(
        Job job, JobProgress read, string id, string? only, CancellationToken cancellationToken)
    {
        List<FailureView> matches = [];
        string? cursor = null;
        for (var searched = 0; searched < MaxSearched; searched += MaxRecords)
        {
            (var found, cursor) = await failures.ReadAsync(job, read, only, all: false, cursor, MaxRecords, cancellationToken);
            matches.AddRange(found.Where(each => FailureCause.Of(each).Id == id));
            if (cursor is null) return (matches.FirstOrDefault()?.Generator, RangeSet.Of(matches.Select(RangeOf)));
        }

        return null;
    }

    private static SampleRange RangeOf(FailureView failure) => new(failure.StartIndex, failure.Samples);

    private static IEnumerable<FailureCauseView> Of(Job job, JobProgress read, string generator, IEnumerable<FailureView> failures)
    {
        var finished = read.Finished.GetValueOrDefault(generator, RangeSet.Empty);
        var dead = read.GivenUp.GetValueOrDefault(generator, RangeSet.Empty);
        // A record may be of a generator that a message by hand named.
        var starts = job.Generators.Where(each => each.Name == generator)
            .SelectMany(each => job.BatchesOf(each, read.Control.For(generator))).Select(static batch => batch.Start).Order().ToList();
        foreach (var cause in failures.GroupBy(FailureCause.Of))
        {
            // Records overlap where a range failed first as a whole, then in parts.
            var missing = RangeSet.Of(cause.Select(RangeOf)).Subtract(finished);
            if (missing.IsEmpty) continue;
            yield return new FailureCauseView
            {
                Id = cause.Key.Id,
                Generator = generator,
                Kind = cause.Key.Kind,
                ExceptionType = cause.Key.ExceptionType,
                Message = cause.Key.Message,
                Samples = missing.SampleCount,
                PermanentSamples = missing.Intersect(dead).SampleCount,
                Batches = CountBatches(starts, missing),
                FirstIndex = missing.First().Start,
                Ranges = [.. missing.Take(MaxRanges)
                    .Select(static range => new FailedRangeView { StartIndex = range.Start, Samples = range.Count })],
                RangeCount = missing.Count,
                Newest = cause.MaxBy(static each => each.FailedAt)!,
            };
        }
    }

    /// <param name="starts">The first indices of all batches, ascending.</param>
    /// <param name="samples">What is in the batches that are counted.</param>
    private static int CountBatches(List<int> starts, RangeSet samples)
    {
        var (count, next) = (0, 0);
        foreach (var range in samples)
        {
            var (first, last) = (Math.Max(next, BatchAt(range.Start)), BatchAt(range.End - 1));
            count += Math.Max(0, last - first + 1);
            next = Math.Max(next, last + 1);
        }

        return count;

        int BatchAt(int index) => starts.BinarySearch(index) is >= 0 and var at ? at : Math.Max(0, ~starts.BinarySearch(index) - 1);
    }
}
