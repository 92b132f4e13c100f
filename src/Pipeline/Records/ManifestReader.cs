using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Streams a job's finished samples from its manifests. Several are fetched concurrently, few are held.</summary>
public sealed class ManifestReader(IObjectStore store, RecordWarnings? warnings = null)
{
    private const int MaxAtOnce = 12;

    // Stored bytes; in memory a manifest takes a few times as much.
    private const long MaxBytesAhead = 32 << 20;

    // A request waits for it.
    private static readonly TimeSpan VerifyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A generator's finished samples within the job's range, in ascending order of index, each once.</summary>
    /// <param name="from">The index to begin at; null for the first.</param>
    /// <param name="atOnce">Manifests that are fetched concurrently, 1 to 12.</param>
    public async IAsyncEnumerable<FinishedSample> SamplesAsync(
        Job job, string generator, int? from = null, int atOnce = MaxAtOnce,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (next, end) = (Math.Max(job.StartIndex, from ?? 0), EndOfDrawing(job, generator));
        await foreach (var manifest in ManifestsAsync(job, generator, next, atOnce, cancellationToken))
        {
            // Manifests may overlap after a repeated delivery; they ascend by start, so one index parts returned samples from the rest.
            foreach (var sample in manifest.Samples)
            {
                if (sample.Index < next || sample.Index >= end) continue;
                yield return new FinishedSample(manifest, sample);
                next = sample.Index + 1;
            }
        }
    }

    /// <summary>Reads a job's manifests for at most ten seconds. Those that cannot be read count as missing from then on.</summary>
    /// <param name="generator">One of its generators; null for all.</param>
    /// <returns>Whether none of them was unreadable.</returns>
    public async Task<bool> VerifyAsync(Job job, string? generator, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(VerifyTimeout);
        var whole = true;
        try
        {
            foreach (var name in job.Generators.Select(static each => each.Name).Where(name => generator is null || name == generator))
            {
                var (read, needed) = (0, 0);
                await foreach (var entry in NeededAsync(job, name, job.StartIndex, limit.Token)) needed++;
                await foreach (var manifest in ManifestsAsync(job, name, job.StartIndex, MaxAtOnce, limit.Token)) read++;
                whole &= read == needed;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The rest is verified when it is read.
        }

        return whole;
    }

    /// <summary>The manifests that are needed for that, in the order of their ranges' starts.</summary>
    public async IAsyncEnumerable<Manifest> ManifestsAsync(
        Job job, string generator, int from, int atOnce = MaxAtOnce, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Queue<(Task<Manifest?> Manifest, long Bytes)> ahead = new();
        var bytes = 0L;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (var entry in NeededAsync(job, generator, from, cancellationToken))
            {
                ahead.Enqueue((store.GetManifestAsync<Manifest>(entry.Key, warnings, stop.Token), entry.Size));
                bytes += entry.Size;
                while (ahead.Count >= atOnce || (bytes > MaxBytesAhead && ahead.Count > 1))
                {
                    var first = ahead.Dequeue();
                    bytes -= first.Bytes;
                    if (await first.Manifest is { } manifest) yield return manifest;
                }
            }

            while (ahead.TryDequeue(out var last))
            {
                if (await last.Manifest is { } manifest) yield return manifest;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(ahead.Select(static each => (Task)each.Manifest)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static int EndOfDrawing(Job job, string generator) => job.EndOfDrawing(job.GeneratorNamed(generator));

    /// <summary>The manifests with an index that none before them has.</summary>
    private async IAsyncEnumerable<ObjectEntry> NeededAsync(
        Job job, string generator, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = ObjectKeys.DonePrefix(job.Id, generator);
        // A manifest is no longer than a batch may be: one that starts earlier than this ends before the index.
        var before = ObjectKeys.Before(prefix, Math.Max(0, from - JobLimits.MaxBatchSize));
        var (end, last) = (from, EndOfDrawing(job, generator));
        await foreach (var entry in store.ListAsync(prefix, before, cancellationToken))
        {
            if (!ObjectKeys.TryParseDone(entry, out _, out var range) || range.End <= end) continue;
            if (range.Start >= last) yield break;
            end = range.End;
            yield return entry;
        }
    }
}

/// <param name="Manifest">The manifest that names its domain and, in the <c>webdataset</c> format, its shard.</param>
public sealed record FinishedSample(Manifest Manifest, SampleRecord Record);
