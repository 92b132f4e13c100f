using System.Runtime.CompilerServices;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Lists a job's finished samples from its manifests.</summary>
internal sealed class SampleReader(IObjectStore store, FileLinks links, RecordWarnings warnings)
{
    /// <summary>A page of samples, ordered by generator name, then by index; each is there once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="generator">Only this one's; null for all.</param>
    /// <param name="after">The sample after which the page begins.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<(IReadOnlyList<SampleView> Samples, SampleCursor? Next)> ReadAsync(
        Job job, string? generator, SampleCursor? after, int limit, CancellationToken cancellationToken)
    {
        List<SampleView> page = [];
        foreach (var name in job.Generators.Select(static each => each.Name).Where(name => generator is null || name == generator).Order(StringComparer.Ordinal))
        {
            var order = after is null ? 1 : string.CompareOrdinal(name, after.Value.Generator);
            if (order < 0) continue;
            var from = order == 0 ? Math.Max(job.StartIndex, after!.Value.Index + 1) : job.StartIndex;
            await foreach (var sample in SamplesAsync(job, name, from, cancellationToken))
            {
                if (page.Count == limit) return (page, new SampleCursor(page[^1].Generator, page[^1].Index));
                page.Add(sample);
            }
        }

        return (page, null);
    }

    private async IAsyncEnumerable<SampleView> SamplesAsync(
        Job job, string generator, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = job.EndOfDrawing();
        await foreach (var (key, range) in ManifestsAsync(job, generator, from, cancellationToken))
        {
            // Manifests may overlap after a repeated delivery; they ascend by start, so one index says what is listed.
            if (range.Start >= end || from >= end) yield break;
            if (range.End <= from || await store.GetManifestAsync<Manifest>(key, warnings, cancellationToken) is not { } manifest) continue;
            foreach (var sample in manifest.Samples.Where(sample => sample.Index >= from && sample.Index < end && sample.Excluded is null))
                yield return View(job, manifest, sample);
            from = range.End;
        }
    }

    private async IAsyncEnumerable<(string Key, SampleRange Range)> ManifestsAsync(
        Job job, string generator, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = ObjectKeys.DonePrefix(job.Id, generator);
        // A manifest is no longer than a batch may be: one that starts earlier than this ends before the index.
        var first = Math.Max(0, from - JobLimits.MaxBatchSize);
        var before = ObjectKeys.Before(ObjectKeys.DonePrefix(job.Id, generator), first);
        await foreach (var entry in store.ListAsync(prefix, before, cancellationToken))
        {
            if (ObjectKeys.TryParseDone(entry, out _, out var range)) yield return (entry.Key, range);
        }
    }

    private SampleView View(Job job, Manifest manifest, SampleRecord sample)
    {
        var name = ObjectKeys.SampleName(manifest.Domain, sample.Index);
        return new SampleView
        {
            Generator = manifest.Generator,
            Index = sample.Index,
            Name = name,
            Seed = sample.Seed,
            Fingerprint = sample.Fingerprint,
            Seconds = sample.Seconds,
            Bytes = sample.Files.Sum(static file => file.Bytes),
            OutputFormat = manifest.OutputFormat,
            Files = [.. sample.Files.Select(file => new SampleFileView
            {
                Name = file.Name,
                Bytes = file.Bytes,
                Sha256 = file.Sha256,
                Url = manifest.Shard is null ? links.To(job.Id, ObjectKeys.SampleFile(job.Id, manifest.Generator, manifest.Domain, sample.Index, file.Name)) : null,
                Member = manifest.Shard is null ? null : ObjectKeys.ShardMember(manifest.Domain, sample.Index, file.Name),
            })],
            Shard = manifest.Shard is { } shard ? new ShardView { Url = links.To(job.Id, shard.Key), Bytes = shard.Bytes, Sha256 = shard.Sha256 } : null,
        };
    }
}
