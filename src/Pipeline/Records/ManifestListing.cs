using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// Lists the ranges of a job that have a manifest. Of a large job this process remembers what cannot change while the job goes on, each
/// generator's finished batches up to the first that is not, and lists only what comes behind it. Everything is listed again every five
/// minutes, ten seconds after an event, and when nothing seems to be left to do.
/// </summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never used holds nothing to dispose of.
internal sealed class ManifestListing(IObjectStore store, TimeProvider time, ListingPace pace)
#pragma warning restore CA1001
{
    // Five pages of S3 take less than a tenth of a second.
    private const int LargeJob = 5_000;
    // With fewer for each generator, LISTs of the whole job are fewer than one for each generator.
    private const int ManyOfGenerator = 500;
    private const int Parallelism = 16;
    private static readonly TimeSpan FullEvery = TimeSpan.FromMinutes(5);
    // A retry is to see the manifests that were put aside before it; a request reads a job several times around its own event.
    private static readonly TimeSpan FullAfterEvent = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Memory> _memories = new(StringComparer.Ordinal);
    // Shared by all jobs: three listings side by side would leave a request a fourth of the machine.
    private readonly SemaphoreSlim _background = new(pace.Background);

    /// <summary>Whether a job is so large that listing it needs its events and dead ranges first.</summary>
    public static bool IsLarge(Job job) => Batches(job) >= LargeJob;

    /// <summary>Lists a large job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="control">Its events.</param>
    /// <param name="dead">The ranges that were given up and count as such.</param>
    /// <param name="isBackground">Whether no request waits for it.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task<ManifestRanges> ReadAsync(
        Job job, JobControlState control, IEnumerable<RangeEntry> dead, bool isBackground, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var givenUp = RangeEntry.ByGenerator(dead);
        var memory = _memories.TryGetValue(job.Id, out var last)
            && time.GetElapsedTime(last.FullAt) < (last.Events == control.LastNumber ? FullEvery : FullAfterEvent) ? last : null;
        var known = memory?.Generators.ToDictionary(static each => each.Key, each => Settled(each.Key, each.Value), StringComparer.Ordinal);
        var parts = await ListAsync(job, known, isBackground ? _background : null, cancellationToken);
        if (parts.Any(part => Open(part.Generator, part.Ranges) is not null))
        {
            foreach (var (id, former) in _memories)
                if (time.GetElapsedTime(former.FullAt) >= FullEvery) _memories.TryRemove(KeyValuePair.Create(id, former));
            _memories[job.Id] = new Memory(memory?.Events ?? control.LastNumber, memory?.FullAt ?? startedAt,
                parts.ToDictionary(static part => part.Generator, static part => part.Ranges, StringComparer.Ordinal));
            return ManifestRanges.Concat(parts.Select(static each => each.Ranges));
        }

        _memories.TryRemove(job.Id, out _);
        // All processes must agree on the end, and so on the times of all manifests.
        return memory is null ? ManifestRanges.Concat(parts.Select(static each => each.Ranges))
            : await ReadAsync(job, control, dead, isBackground, cancellationToken);

        // The first index of the first batch that is neither finished nor given up; null if there is none.
        int? Open(string generator, ManifestRanges ranges)
        {
            var settled = RangeSet.Of(ranges.Done.Select(static each => each.Range))
                .Union(givenUp.GetValueOrDefault(generator, RangeSet.Empty));
            return job.BatchesOf(job.GeneratorNamed(generator), control.For(generator)).Select(static batch => (SampleRange?)batch)
                .FirstOrDefault(batch => !settled.Covers(batch!.Value))?.Start;
        }

        GeneratorMemory Settled(string generator, ManifestRanges ranges) => GeneratorMemory.Of(ranges, Open(generator, ranges));
    }

    /// <summary>Lists everything there is of a job.</summary>
    public async Task<ManifestRanges> ReadAllAsync(Job job, CancellationToken cancellationToken) => !IsLarge(job)
        ? await ListWholeAsync(job, cancellationToken)
        : ManifestRanges.Concat((await ListAsync(job, known: null, turns: null, cancellationToken)).Select(static each => each.Ranges));

    private async Task<IReadOnlyList<(string Generator, ManifestRanges Ranges)>> ListAsync(
        Job job, Dictionary<string, GeneratorMemory>? known, SemaphoreSlim? turns, CancellationToken cancellationToken)
    {
        if (known is null && Batches(job) < (long)ManyOfGenerator * job.Generators.Count)
            return Split(job, await ListWholeAsync(job, cancellationToken));
        var names = Names(job);
        var parts = new (string, ManifestRanges)[names.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, parts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (at, stop) =>
            {
                if (turns is not null) await turns.WaitAsync(stop);
                try
                {
                    parts[at] = (names[at], await ListAsync(job, names[at], known?[names[at]], stop));
                }
                finally
                {
                    turns?.Release();
                }
            });
        return parts;
    }

    private async Task<ManifestRanges> ListAsync(Job job, string generator, GeneratorMemory? memory, CancellationToken cancellationToken)
    {
        if (memory is { OpenFrom: null }) return memory.Settled;
        var ranges = memory?.Settled.Copy() ?? new ManifestRanges([], []);
        var prefix = ObjectKeys.DonePrefix(job.Id, generator);
        var startAfter = memory is null ? null : ObjectKeys.Before(prefix, memory.OpenFrom!.Value);
        await ranges.AddAsync(store, prefix, startAfter, generator, cancellationToken);
        return ranges;
    }

    private async Task<ManifestRanges> ListWholeAsync(Job job, CancellationToken cancellationToken)
    {
        var ranges = new ManifestRanges([], []);
        await ranges.AddAsync(store, ObjectKeys.DonePrefix(job.Id), startAfter: null, generator: null, cancellationToken);
        return ranges;
    }

    private static List<(string, ManifestRanges)> Split(Job job, ManifestRanges all)
    {
        var done = all.Done.ToLookup(static each => each.Generator, StringComparer.Ordinal);
        var unreadable = all.Unreadable.ToLookup(static each => each.Generator, StringComparer.Ordinal);
        return [.. Names(job).Select(name => (name, new ManifestRanges([.. done[name]], [.. unreadable[name]])))];
    }

    // In the order of their keys, as one LIST shows them: the identity of a dataset stands on it.
    private static List<string> Names(Job job) =>
        [.. job.Generators.Select(static each => each.Name).OrderBy(static name => name + "/", StringComparer.Ordinal)];

    private static long Batches(Job job) =>
        job.Generators.Sum(generator => ((long)job.SamplesOf(generator) + job.BatchSize - 1) / job.BatchSize);

    /// <param name="Events">The number of the job's last event when everything was listed.</param>
    /// <param name="FullAt">When everything was listed.</param>
    /// <param name="Generators">What is there, by generator.</param>
    private sealed record Memory(int Events, long FullAt, IReadOnlyDictionary<string, ManifestRanges> Generators);

    /// <param name="OpenFrom">The first index of the first batch that is neither finished nor given up; null if there is none.</param>
    /// <param name="Settled">What begins before it. Manifests of a batch begin within it, so another one there adds no sample.</param>
    private sealed record GeneratorMemory(int? OpenFrom, ManifestRanges Settled)
    {
        public static GeneratorMemory Of(ManifestRanges ranges, int? openFrom) =>
            new(openFrom, openFrom is not { } from ? ranges : new ManifestRanges([.. ranges.Done.Where(each => each.Range.Start < from)],
                [.. ranges.Unreadable.Where(each => each.Range.Start < from)]));
    }
}
