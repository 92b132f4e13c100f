using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>
/// Lists a job's finished samples in a seeded order. All samples that the job may ever have stand in one permutation, which is computed
/// place by place; those that are not finished are passed over. So the order stays while the job goes on, and nothing but the manifests
/// of the samples on the page is read.
/// </summary>
internal sealed class ShuffledSampleReader(
    IObjectStore store, JobSnapshotReader snapshots, SampleReader samples, RecordWarnings warnings)
{
    /// <summary>Places that a request looks at: a tenth of a second of a processor at most.</summary>
    internal const int MaxPlaces = 1_000_000;

    /// <summary>Samples in all manifests that a request reads: some 50 MB, as each may be in a manifest of another batch.</summary>
    internal const int MaxRecords = 50_000;

    private const int Parallelism = 8;

    /// <summary>A page of samples. It may be shorter than the limit, or empty, with others behind it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="filter">Which of its samples.</param>
    /// <param name="seed">Which order of them it is.</param>
    /// <param name="from">The place in the order at which the page begins, 0 or more.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>The samples, and the place of the next page; null on the last one.</returns>
    public async Task<(IReadOnlyList<SampleView> Samples, long? Next)> ReadAsync(
        Job job, SampleFilter filter, int seed, long from, int limit, CancellationToken cancellationToken) =>
        await ReadAsync(await snapshots.ReadAsync(job, cancellationToken), filter, seed, from, limit, cancellationToken);

    /// <summary>As the other one, of a job that is read already.</summary>
    public async Task<(IReadOnlyList<SampleView> Samples, long? Next)> ReadAsync(
        JobSnapshot snapshot, SampleFilter filter, int seed, long from, int limit, CancellationToken cancellationToken)
    {
        var job = snapshot.Job;
        // A sample's split is in its manifest, so all that the bounds allow are candidates.
        var (candidates, next) = new FinishedSamples(job, snapshot.Progress, filter)
            .Page(seed, from, filter.Split is null ? limit : int.MaxValue);
        List<SampleView> found = [];
        Dictionary<(string, SampleRange), OpenManifest> opened = [];
        foreach (var some in candidates.Chunk(limit))
        {
            await OpenAsync(job, some, opened, cancellationToken);
            foreach (var each in some)
            {
                if (!opened.TryGetValue((each.Generator, each.Manifest), out var open)
                    || !open.Samples.TryGetValue(each.Index, out var sample) || !filter.Has(job, each.Generator, sample))
                {
                    continue;
                }

                if (found.Count == limit) return (found, each.Place);
                found.Add(samples.View(job, open.Manifest, sample));
            }
        }

        return (found, next);
    }

    // Reads the manifests of these samples, unless they are open.
    private async Task OpenAsync(Job job, IEnumerable<PlacedSample> wanted, Dictionary<(string, SampleRange), OpenManifest> opened,
        CancellationToken cancellationToken)
    {
        ConcurrentDictionary<(string, SampleRange), OpenManifest> read = [];
        await Parallel.ForEachAsync(
            wanted.Select(static each => (each.Generator, each.Manifest)).Distinct().Where(each => !opened.ContainsKey(each)),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (each, stop) =>
            {
                var key = ObjectKeys.Done(job.Id, each.Generator, each.Manifest);
                if (await store.GetManifestAsync<Manifest>(key, warnings, stop) is { } manifest) read[each] = new OpenManifest(manifest);
            });
        foreach (var (key, manifest) in read) opened.Add(key, manifest);
    }

    private sealed class OpenManifest
    {
        public OpenManifest(Manifest manifest)
        {
            Manifest = manifest;
            foreach (var sample in manifest.Samples) Samples[sample.Index] = sample;
        }

        public Manifest Manifest { get; }

        /// <summary>By index.</summary>
        public Dictionary<int, SampleRecord> Samples { get; } = [];
    }
}
