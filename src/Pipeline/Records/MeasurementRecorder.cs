using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Learns from a job that has ended what samples of its generators take.</summary>
public sealed class MeasurementRecorder(IObjectStore store, MeasurementStore measurements, TimeProvider time)
{
    // As many say as much as all: the first, the last and some between.
    private const int ManifestsPerGenerator = 3;
    private const int Parallelism = 8;

    // A job of hundreds of generators must not keep its pass for long, and a generator that is known well can wait.
    private const int Few = 20;
    private const long WellKnownSamples = 1_000;
    private static readonly TimeSpan WellKnownFor = TimeSpan.FromDays(1);

    /// <summary>Measures each generator of the job that has finished samples, once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress.</param>
    /// <param name="cancellationToken">Stops it; what is not measured is left.</param>
    public async Task RecordAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        var done = read.Done.ToLookup(static entry => entry.Generator, StringComparer.Ordinal);
        var known = await measurements.ReadAsync(job.Generators, job.Video, cancellationToken);
        var due = job.Generators.Zip(known).Where(pair => pair.Second?.JobId != job.Id
            && (job.Generators.Count <= Few || !IsWellKnown(pair.First, pair.Second)));
        var limits = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, limits,
            async (pair, stop) => await RecordAsync(
                job, pair.First, read, [.. done[pair.First.Name].OrderBy(static entry => entry.Range.Start)], stop));
        measurements.Forget();
    }

    private bool IsWellKnown(JobGenerator generator, GeneratorCalibration? known) => known is { Samples: >= WellKnownSamples }
        && known.Version == generator.Version && time.GetUtcNow() - known.MeasuredAt < WellKnownFor;

    private async Task RecordAsync(Job job, JobGenerator generator, JobProgress read, IReadOnlyList<RangeEntry> done,
        CancellationToken cancellationToken)
    {
        List<Manifest> manifests = [];
        foreach (var entry in Spread(done))
        {
            var key = ObjectKeys.Done(job.Id, entry.Generator, entry.Range);
            if ((await store.TryGetJsonAsync<Manifest>(key, cancellationToken)).Value is { } manifest) manifests.Add(manifest);
        }

        if (manifests.Count == 0) return;
        if (Of(manifests).CpuShare is { } share) measurements.RecentCpuShare = share;
        var failed = read.Generators.First(each => each.Name == generator.Name).Samples.Failed;
        var measured = Of(manifests) with
        {
            FailureShare = (double)failed / (failed + done.Sum(static entry => (long)entry.Range.Count)),
            Version = manifests[^1].Version,
            JobId = job.Id,
        };
        var older = await measurements.FindAsync(generator, job.Video, cancellationToken);
        if (older?.JobId != job.Id) await measurements.WriteAsync(generator, measured.After(older), job.Video, cancellationToken);
    }

    private GeneratorCalibration Of(List<Manifest> manifests)
    {
        var samples = manifests.SelectMany(static manifest => manifest.Samples).ToList();
        var (seconds, cpu) = (manifests.Sum(static each => each.Seconds), manifests.Sum(static each => each.CpuSeconds ?? 0));
        var isComplete = manifests.TrueForAll(static each => each.CpuSeconds > 0);
        return GeneratorCalibration.Of([.. samples.Select(static sample => sample.Seconds)], PlanBasis.Measured, time.GetUtcNow()) with
        {
            CpuShare = isComplete && seconds > 0 ? cpu / seconds : null,
            FilesPerSample = (double)manifests.Sum(static each => each.Files) / samples.Count,
            BytesPerSample = (double)manifests.Sum(static each => each.Bytes) / samples.Count,
            MemoryMb = manifests.Max(static each => each.MaxRssMb) is > 0 and var most ? most : null,
        };
    }

    private static IEnumerable<RangeEntry> Spread(IReadOnlyList<RangeEntry> done) => done.Count <= ManifestsPerGenerator ? done
        : Enumerable.Range(0, ManifestsPerGenerator).Select(i => done[i * (done.Count - 1) / (ManifestsPerGenerator - 1)]);
}
