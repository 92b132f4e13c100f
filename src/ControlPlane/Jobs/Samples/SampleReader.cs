namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>Lists a job's finished samples from its manifests.</summary>
internal sealed class SampleReader(ManifestReader manifests, FileLinks links)
{
    /// <summary>Samples of other splits that a request passes over: some tens of manifests of the usual size.</summary>
    internal const int MaxPassed = 50_000;

    /// <summary>A page of samples, ordered by generator name, then by index; each is there once. Where few belong to the list, it may be
    /// shorter than the limit, or empty, with others behind it.</summary>
    /// <param name="limit">1 or more.</param>
    public async Task<(IReadOnlyList<SampleView> Samples, SampleCursor? Next)> ReadAsync(
        Job job, SampleFilter filter, SampleCursor? after, int limit, CancellationToken cancellationToken)
    {
        List<SampleView> page = [];
        var passed = 0;
        foreach (var name in filter.GeneratorsOf(job).Select(static each => each.Name))
        {
            var order = after is null ? 1 : string.CompareOrdinal(name, after.Value.Generator);
            if (order < 0) continue;
            var from = order == 0 ? Math.Max(job.StartIndex, after!.Value.Index + 1) : job.StartIndex;
            // A page seldom needs more than one manifest.
            await foreach (var (manifest, sample) in manifests.SamplesAsync(job, name, from, atOnce: 1, cancellationToken))
            {
                if (!filter.Has(job, name, sample))
                {
                    if (filter.Split is null || ++passed < MaxPassed) continue;
                    return (page, new SampleCursor(name, sample.Index));
                }

                if (page.Count == limit) return (page, new SampleCursor(page[^1].Generator, page[^1].Index));
                page.Add(View(job, manifest, sample));
            }
        }

        return (page, null);
    }

    /// <summary>A sample with links to its files.</summary>
    public SampleView View(Job job, Manifest manifest, SampleRecord sample)
    {
        var name = ObjectKeys.SampleName(manifest.Domain, sample.Index);
        var split = job.SplitOf(manifest.Generator, sample.Fingerprint);
        var inTar = manifest.AllShards.Count > 0;
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
            Prompt = sample.Prompt,
            Parameters = sample.Parameters,
            Files = [.. sample.Files.Select(file => new SampleFileView
            {
                Name = file.Name,
                Bytes = file.Bytes,
                Sha256 = file.Sha256,
                Url = !inTar ? links.To(job.Id,
                    ObjectKeys.SampleFile(job.Id, manifest.Generator, manifest.Domain, sample.Index, file.Name)) : null,
                Member = !inTar ? null : ObjectKeys.ShardMember(manifest.Domain, sample.Index, file.Name),
            })],
            Split = split,
            Shard = manifest.ShardOf(split) is { } shard ? new ShardView
            {
                Url = links.To(job.Id, shard.Key),
                Bytes = shard.Bytes,
                Sha256 = shard.Sha256
            } : null,
        };
    }
}
