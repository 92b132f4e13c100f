using System.Formats.Tar;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>
/// Takes out of a unique job's dataset what is no part of it: samples that repeat one of a lower index or of a job that it is not to
/// repeat, and those beyond the number wanted. Whatever is drawn later, what was left out once stays so, as only lower indices can be
/// added to those before it; hence it may be done at any time, by any number at once, and again after a crash.
/// </summary>
public sealed class DuplicatePruner(ManifestReader manifests, KnownSamples known, IObjectStore store)
{
    public async Task PruneAsync(Job job, string generator, CancellationToken cancellationToken = default)
    {
        var distinct = new DistinctSamples(await known.ReadAsync(job, generator, cancellationToken));
        var wanted = job.SamplesOf(generator);
        // The first index beyond the number wanted.
        int? end = null;
        await foreach (var manifest in manifests.ManifestsAsync(job, generator, job.StartIndex, cancellationToken: cancellationToken))
        {
            List<SampleRecord> samples = [];
            var changed = false;
            foreach (var sample in manifest.Samples)
            {
                var left = distinct.Add(sample.Fingerprint, sample.Index);
                // A sample that two manifests tell of is one sample.
                if (left?.DuplicateOf == sample.Index) left = null;
                if (distinct.Count > wanted) end ??= sample.Index;
                if (sample.Index >= end) left ??= new Excluded();
                samples.Add(sample with { Excluded = left });
                changed |= left != sample.Excluded;
            }

            if (samples.Exists(static sample => sample.Excluded is not null)) await LeaveOutAsync(
                job, manifest with { Samples = samples }, changed, cancellationToken);
        }
    }

    private async Task LeaveOutAsync(Job job, Manifest manifest, bool changed, CancellationToken cancellationToken)
    {
        // A manifest that is written anew makes a dataset stale.
        if (changed)
        {
            // Data first: a manifest that tells of the shorter shard before it is there would be wrong.
            if (manifest.Shard is { } whole) manifest = manifest with
            {
                Shard = await ShortenAsync(whole, manifest, manifest.Samples, cancellationToken),
            };
            if (manifest.Shards is { } parts)
            {
                List<Shard> left = [];
                foreach (var part in parts)
                {
                    var samples = OfSplit(job, manifest, part.Split);
                    if (await ShortenAsync(part, manifest, samples, cancellationToken) is { } shorter) left.Add(shorter);
                }

                manifest = manifest with { Shards = left };
            }

            var key = ObjectKeys.Done(job.Id, manifest.Generator, new SampleRange(manifest.StartIndex, manifest.NumSamples));
            await store.PutJsonAsync(key, manifest, cancellationToken: cancellationToken);
        }

        // Only now: as long as a manifest lists a sample, its files are there.
        var gone = manifest.Samples.Where(static sample => sample.Excluded is not null).ToList();
        if (manifest.OutputFormat == OutputFormat.Files)
        {
            await store.DeleteManyAsync([.. gone.SelectMany(sample => sample.Files, (sample, file) =>
                ObjectKeys.SampleFile(job.Id, manifest.Generator, manifest.Domain, sample.Index, file.Name))], cancellationToken);
        }
        else
        {
            var range = new SampleRange(manifest.StartIndex, manifest.NumSamples);
            string?[] splits = manifest.Shards is null ? [null] : [.. gone.Select(sample => SplitOf(job, manifest, sample)).Distinct()];
            foreach (var split in splits)
                if (OfSplit(job, manifest, split).All(static sample => sample.Excluded is not null))
                    await store.DeleteAsync(ObjectKeys.Shard(job.Id, manifest.Generator, range, split), cancellationToken);
        }
    }

    private static IEnumerable<SampleRecord> OfSplit(Job job, Manifest manifest, string? split) =>
        split is null ? manifest.Samples : manifest.Samples.Where(sample => SplitOf(job, manifest, sample) == split);

    private static string? SplitOf(Job job, Manifest manifest, SampleRecord sample) => job.SplitOf(manifest.Generator, sample.Fingerprint);

    /// <summary>Replaces a shard by one without the samples that are left out. Done again, it writes the same bytes.</summary>
    /// <returns>What the manifest is to say of it; null if nothing is left in it.</returns>
    private async Task<Shard?> ShortenAsync(
        Shard shard, Manifest manifest, IEnumerable<SampleRecord> samples, CancellationToken cancellationToken)
    {
        var left = samples.Where(static sample => sample.Excluded is null).ToList();
        if (left.Count == 0) return null;
        using var stored = await store.GetAsync(shard.Key, cancellationToken)
            ?? throw new InvalidDataException($"Object '{shard.Key}' is named by a manifest and is not there.");
        var kept = left.Select(sample => ObjectKeys.ShardMember(manifest.Domain, sample.Index, "")).ToHashSet(StringComparer.Ordinal);
        await using var shorter = SampleTar.Temporary();
        await using (var writer = new TarWriter(shorter, TarEntryFormat.Ustar, leaveOpen: true))
            await SampleTar.CopyAsync(stored.Content, writer, SampleTar.IsOf(kept), cancellationToken);
        return await SampleTar.StoreAsync(store, shard.Key, shorter, shard.Split, cancellationToken);
    }
}
