using System.Formats.Tar;
using VmDataset.Pipeline.Deduplication;

namespace VmDataset.Worker.Datasets;

/// <summary>
/// Makes the tars of a job those of a run that nothing interrupted. A worker that is stopped stores the samples it has, and a retry draws
/// those that failed: either leaves a batch in several tars, and a dataset would tell of it. Only names are read where nothing is to be
/// done. Any step may be repeated: what is joined has the same bytes each time.
/// </summary>
public sealed class ShardJoiner(IObjectStore store, JobEventLog log, RecordWarnings warnings)
{
    /// <param name="job">A job that has ended.</param>
    /// <param name="generator">One of its generators.</param>
    /// <param name="samples">Batches with none of these indices are left as they are.</param>
    /// <param name="cancellationToken">Ends it anywhere; the next call goes on.</param>
    public async Task JoinAsync(Job job, JobGenerator generator, SampleRange samples, CancellationToken cancellationToken = default)
    {
        if (job.OutputFormat != OutputFormat.WebDataset) return;
        var stored = await StoredAsync(job, generator.Name, samples, cancellationToken);
        // Only the search for duplicates adds batches to those of the request.
        var control = (job.Unique ? await log.ReadAsync(job.Id, cancellationToken) : JobControlState.None).For(generator.Name);
        var at = 0;
        foreach (var batch in job.BatchesOf(generator, control).Where(batch => batch.Intersect(samples) is not null))
        {
            while (at < stored.Count && stored[at].Start < batch.Start) at++;
            List<SampleRange> pieces = [];
            for (; at < stored.Count && stored[at].Start < batch.End; at++) pieces.Add(stored[at]);
            if (pieces.Count > 1) await JoinAsync(job, generator.Name, batch, pieces, cancellationToken);
        }
    }

    /// <returns>The ranges that have a manifest, those of one start the longest first.</returns>
    private async Task<IReadOnlyList<SampleRange>> StoredAsync(
        Job job, string generator, SampleRange samples, CancellationToken cancellationToken)
    {
        List<SampleRange> found = [];
        var prefix = ObjectKeys.DonePrefix(job.Id, generator);
        // A batch that reaches into the samples may begin before them.
        var before = ObjectKeys.Before(prefix, Math.Max(0, samples.Start - job.BatchSize));
        await foreach (var entry in store.ListAsync(prefix, before, cancellationToken))
        {
            if (!ObjectKeys.TryParseDone(entry, out _, out var range)) continue;
            if (range.Start >= (long)samples.End + job.BatchSize) break;
            found.Add(range);
        }

        return [.. found.OrderBy(static range => range.Start).ThenByDescending(static range => range.End)];
    }

    private async Task JoinAsync(
        Job job, string generator, SampleRange batch, List<SampleRange> stored, CancellationToken cancellationToken)
    {
        List<SampleRange> pieces = [], gone = [];
        var (end, overlap) = (batch.Start, stored.Exists(range => range.End > batch.End));
        foreach (var range in stored)
        {
            // What a longer one holds was replaced by it: a join was cut short, or two workers had one message.
            (range.End <= end ? gone : pieces).Add(range);
            overlap |= range.End > end && range.Start < end;
            end = Math.Max(end, range.End);
        }

        // Rows name each sample of two tars once, so nothing is wrong with them but that a loader of tars reads some twice.
        if (overlap) return;
        if (pieces.Count > 1) gone.AddRange(await JoinAsync(job, generator, pieces, cancellationToken));
        if (gone.Count == 0) return;
        // Their manifests last: while one is there, a call that was cut short is completed.
        string?[] splits = job.SplitsOf(generator) is { } plan ? [.. plan.Shares.Select(static each => each.Name)] : [null];
        await store.DeleteManyAsync(
            [.. from range in gone from split in splits select ObjectKeys.Shard(job.Id, generator, range, split)], cancellationToken);
        await store.DeleteManyAsync([.. gone.Select(range => ObjectKeys.Done(job.Id, generator, range))], cancellationToken);
    }

    /// <returns>The ranges whose samples lie in other tars now.</returns>
    private async Task<IEnumerable<SampleRange>> JoinAsync(
        Job job, string generator, IReadOnlyList<SampleRange> pieces, CancellationToken cancellationToken)
    {
        List<Manifest> manifests = [];
        foreach (var piece in pieces)
        {
            var key = ObjectKeys.Done(job.Id, generator, piece);
            if (await store.GetManifestAsync<Manifest>(key, warnings, cancellationToken) is not { } manifest) return [];
            manifests.Add(manifest);
        }

        var groups = ShardLayout.Of(manifests, job.SplitsOf(generator));
        var wanted = groups.Select(static group => group.Range).ToHashSet();
        // Data first, its manifest after.
        foreach (var group in groups.Where(group => !pieces.Contains(group.Range)))
            await StoreAsync(job, generator, group, cancellationToken);
        return pieces.Where(piece => !wanted.Contains(piece));
    }

    private async Task StoreAsync(Job job, string generator, ShardLayout.Group group, CancellationToken cancellationToken)
    {
        List<Shard> shards = [];
        foreach (var split in group.Splits)
        {
            await using var tar = SampleTar.Temporary();
            await CopyAsync(group, split, tar, cancellationToken);
            var key = ObjectKeys.Shard(job.Id, generator, group.Range, split);
            shards.Add(await SampleTar.StoreAsync(store, key, tar, split, cancellationToken));
        }

        var manifest = group.Manifest() with
        {
            Shard = job.SplitsOf(generator) is null ? shards.SingleOrDefault() : null,
            Shards = job.SplitsOf(generator) is null ? null : shards,
        };
        await store.PutJsonAsync(ObjectKeys.Done(job.Id, generator, group.Range), manifest, cancellationToken: cancellationToken);
    }

    private async Task CopyAsync(ShardLayout.Group group, string? split, Stream to, CancellationToken cancellationToken)
    {
        await using var writer = new TarWriter(to, TarEntryFormat.Ustar, leaveOpen: true);
        foreach (var (manifest, records) in group.Sources(split))
        {
            var shard = manifest.ShardOf(split) ?? throw new InvalidDataException(
                $"The manifest of {manifest.Generator} from {manifest.StartIndex} names no tar of its samples.");
            using var stored = await store.GetAsync(shard.Key, cancellationToken)
                ?? throw new InvalidDataException($"Object '{shard.Key}' is named by a manifest and is not there.");
            var members = records.Select(record => ObjectKeys.ShardMember(manifest.Domain, record.Index, ""));
            await SampleTar.CopyAsync(stored.Content, writer, SampleTar.IsOf(members.ToHashSet(StringComparer.Ordinal)), cancellationToken);
        }
    }
}
