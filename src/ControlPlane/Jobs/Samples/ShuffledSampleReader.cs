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
        var finished = new FinishedSamples(job, snapshot.Progress, filter);
        List<SampleView> found = [];
        var (next, records) = ((long?)from, 0L);
        do
        {
            var (page, behind) = finished.Page(seed, next.Value, limit - found.Count);
            found.AddRange(await ViewsAsync(job, filter, page, cancellationToken));
            records += page.Select(static each => (each.Generator, each.Manifest)).Distinct().Sum(static each => (long)each.Manifest.Count);
            next = behind;
            // The split of a sample is in its manifest: others are tried until the page is full.
            if (filter.Split is null || page.Count == 0) break;
        }
        while (next is not null && found.Count < limit && records < MaxRecords);
        return (found, next);
    }

    // Those of the page that belong to the list, in its order.
    private async Task<IEnumerable<SampleView>> ViewsAsync(
        Job job, SampleFilter filter, IReadOnlyList<PlacedSample> page, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<(string, int), SampleView> views = [];
        await Parallel.ForEachAsync(page.GroupBy(static each => (each.Generator, each.Manifest)),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (wanted, stop) =>
            {
                var key = ObjectKeys.Done(job.Id, wanted.Key.Generator, wanted.Key.Manifest);
                if (await store.GetManifestAsync<Manifest>(key, warnings, stop) is not { } manifest) return;
                var indices = wanted.Select(static each => each.Index).ToHashSet();
                foreach (var sample in manifest.Samples)
                {
                    if (indices.Contains(sample.Index) && filter.Has(job, wanted.Key.Generator, sample))
                        views[(wanted.Key.Generator, sample.Index)] = samples.View(job, manifest, sample);
                }
            });
        return page.Select(each => views.GetValueOrDefault((each.Generator, each.Index))).OfType<SampleView>();
    }
}
