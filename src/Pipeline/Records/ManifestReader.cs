using System.Runtime.CompilerServices;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>Streams a job's finished samples from its manifests; several are fetched at once, few are held.</summary>
public sealed class ManifestReader(IObjectStore store, RecordWarnings? warnings = null)
{
    private const int AtOnce = 12;

    // Of stored text; in memory it is a few times as much.
    private const long MaxBytesAhead = 32 << 20;

    // Somebody waits for it.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);

    /// <summary>A generator's finished samples within the job's range, in ascending order of index, each once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="generator">One of its generators.</param>
    /// <param name="from">The index to begin at; null for the first.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<FinishedSample> SamplesAsync(
        Job job, string generator, int? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (next, end) = (Math.Max(job.StartIndex, from ?? 0), job.EndOfDrawing());
        await foreach (var manifest in ManifestsAsync(job, generator, next, cancellationToken))
        {
            // Manifests may overlap after a repeated delivery; they ascend by start, so one index says what was told.
            foreach (var sample in manifest.Samples)
            {
                if (sample.Index < next || sample.Index >= end) continue;
                yield return new FinishedSample(manifest, sample);
                next = sample.Index + 1;
            }
        }
    }

    /// <summary>Reads a job's manifests, as far as that can be done in ten seconds; those that cannot be read count as missing from then on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="generator">One of its generators; null for all.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>Whether all that were read could be.</returns>
    public async Task<bool> VerifyAsync(Job job, string? generator, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestLook);
        var whole = true;
        try
        {
            foreach (var name in job.Generators.Select(static each => each.Name).Where(name => generator is null || name == generator))
            {
                var (told, needed) = (0, 0);
                await foreach (var entry in NeededAsync(job, name, job.StartIndex, limit.Token)) needed++;
                await foreach (var manifest in ManifestsAsync(job, name, job.StartIndex, limit.Token)) told++;
                whole &= told == needed;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The rest is met by whoever reads it.
        }

        return whole;
    }

    /// <summary>The manifests that are needed for that, by the start of their ranges.</summary>
    public async IAsyncEnumerable<Manifest> ManifestsAsync(Job job, string generator, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
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
                while (ahead.Count >= AtOnce || (bytes > MaxBytesAhead && ahead.Count > 1))
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

    /// <summary>The manifests that tell of an index that none before them does.</summary>
    private async IAsyncEnumerable<ObjectEntry> NeededAsync(Job job, string generator, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = ObjectKeys.DonePrefix(job.Id, generator);
        // A manifest is no longer than a batch may be: one that starts earlier than this ends before the index.
        var before = ObjectKeys.Before(prefix, Math.Max(0, from - JobLimits.MaxBatchSize));
        var told = from;
        await foreach (var entry in store.ListAsync(prefix, before, cancellationToken))
        {
            if (!ObjectKeys.TryParseDone(entry, out _, out var range) || range.End <= told) continue;
            if (range.Start >= job.EndOfDrawing()) yield break;
            told = range.End;
            yield return entry;
        }
    }
}

/// <param name="Manifest">Tells its domain and, in the <c>webdataset</c> format, its shard.</param>
/// <param name="Record">The sample.</param>
public sealed record FinishedSample(Manifest Manifest, SampleRecord Record);
