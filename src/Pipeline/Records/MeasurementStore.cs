using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// What samples of each generator took, in the object store: one record a generator, and one more for each set of parameters.
/// </summary>
public sealed class MeasurementStore(IObjectStore store, TimeProvider time, RecordWarnings? warnings = null)
{
    // Whoever asks for a plan then submits the job.
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(2);
    private const int Parallelism = 8;

    private readonly ConcurrentDictionary<string, (DateTimeOffset Written, GeneratorCalibration Calibration)> _known =
        new(StringComparer.Ordinal);
    private (DateTimeOffset At, IReadOnlyDictionary<string, DateTimeOffset> Written)? _listing;

    /// <summary>
    /// Processor seconds in a lane's second in the job that this process measured last: how busy the machine was. Null before the first.
    /// </summary>
    public double? RecentCpuShare { get; internal set; }

    /// <summary>Stores a measurement; the last one wins.</summary>
    public Task WriteAsync(JobGenerator generator, GeneratorCalibration calibration, VideoSpec? video = null,
        CancellationToken cancellationToken = default) => store.PutJsonAsync(
            ObjectKeys.Measurement(generator.Source, generator.Parameters, video), calibration, cancellationToken: cancellationToken);

    /// <summary>The measurement of a generator with its parameters, as it is now; null if there is none.</summary>
    public async Task<GeneratorCalibration?> FindAsync(JobGenerator generator, VideoSpec? video = null,
        CancellationToken cancellationToken = default) => (await store.TryGetJsonAsync<GeneratorCalibration>(
            ObjectKeys.Measurement(generator.Source, generator.Parameters, video), cancellationToken)).OrWarn(warnings);

    /// <summary>
    /// The measurements of these generators, as of a moment ago: in the same form and with the same parameters, else as the generator
    /// makes them, else with its defaults; null for each
    /// that was never measured. One LIST, and what is new of it.
    /// </summary>
    public async Task<IReadOnlyList<GeneratorCalibration?>> ReadAsync(
        IReadOnlyList<JobGenerator> generators, VideoSpec? video = null, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var listing = _listing is { } last && now - last.At < HoldsFor ? last : (At: now, Written: await ListAsync(cancellationToken));
        _listing = listing;
        var keys = generators.Select(generator => Keys(generator, video).FirstOrDefault(listing.Written.ContainsKey)).ToList();
        await Parallel.ForEachAsync(keys.OfType<string>().Distinct().Where(key => !_known.TryGetValue(key, out var known)
            || known.Written != listing.Written[key]), new ParallelOptions
            {
                MaxDegreeOfParallelism = Parallelism,
                CancellationToken = cancellationToken
            }, async (key, stop) =>
        {
            if ((await store.TryGetJsonAsync<GeneratorCalibration>(key, stop)).OrWarn(warnings) is { } read)
                _known[key] = (listing.Written[key], read);
        });
        return [.. keys.Select(key => key is not null && _known.TryGetValue(key, out var known) ? known.Calibration : null)];
    }

    /// <summary>What this instance has just written shall count at once.</summary>
    public void Forget() => _listing = null;

    private static IEnumerable<string> Keys(JobGenerator generator, VideoSpec? video)
    {
        if (video is not null) yield return ObjectKeys.Measurement(generator.Source, generator.Parameters, video);
        if (generator.Parameters is not null) yield return ObjectKeys.Measurement(generator.Source, generator.Parameters);
        yield return ObjectKeys.Measurement(generator.Source, null);
    }

    private async Task<IReadOnlyDictionary<string, DateTimeOffset>> ListAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, DateTimeOffset> written = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.MeasurementPrefix, cancellationToken: cancellationToken))
            written[entry.Key] = entry.LastModified;
        return written;
    }
}
