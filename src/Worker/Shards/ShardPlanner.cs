using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>
/// Says which sample goes into which shard. A sample's place in the shuffle follows from the seed, its generator and its index alone, so a
/// plan is the same whatever the batches were, and whoever makes it.
/// </summary>
internal sealed class ShardPlanner(DatasetRows rows, PartLimits limits)
{
    /// <summary>Bytes of a sample at most: it is held in memory.</summary>
    public const long MaxSampleBytes = 1L << 30;

    /// <summary>Stores the plans of the parts, and then that of the export.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">What was asked for, with shards.</param>
    /// <param name="parts">Where they go.</param>
    /// <param name="cancellationToken">Ends it anywhere; the next call begins anew.</param>
    /// <returns>The plan, or why there can be none.</returns>
    public async Task<(ExportPlan? Plan, string? Problem)> PlanAsync(
        Job job, ExportOptions options, ExportPartStore parts, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(job, options, cancellationToken);
        if (read.Problem is not null) return (null, read.Problem);
        var groups = read.Samples.GroupBy(sample => (read.Sources[sample.Source].Split,
            Generator: options.Shards == ShardOrder.Mixed ? null : read.Sources[sample.Source].Generator));
        var format = ShardFormat.Of(options, read.Files);
        var (numbers, shards) = (new ShardParts(read.Sources, limits), 0);
        foreach (var group in groups)
        {
            var number = 0;
            foreach (var (samples, bytes) in Shards(group, format, read, options.ShardBytes!.Value))
            {
                if (++shards > limits.MaxShards)
                    return (null, string.Create(CultureInfo.InvariantCulture,
                        $"It would have more than {limits.MaxShards:N0} shards; allowed: a larger shard_bytes than {options.ShardBytes:N0}."));
                var path = format.PathOf(group.Key.Split, group.Key.Generator, number++);
                if (numbers.Add(path, samples, bytes) is { } full) await parts.PutPartPlanAsync(full.Part, full.Plan, cancellationToken);
            }
        }

        if (numbers.Take() is { } last) await parts.PutPartPlanAsync(last.Part, last.Plan, cancellationToken);
        var plan = new ExportPlan(numbers.Count, read.Samples.Count, read.Skipped, read.Files);
        await parts.PutPlanAsync(plan, cancellationToken);
        return (plan, null);
    }

    private static IEnumerable<(List<ReadSample> Samples, long Bytes)> Shards(
        IEnumerable<ReadSample> samples, ShardFormat format, ReadSamples read, long shardBytes)
    {
        List<ReadSample> shard = [];
        var bytes = format.EmptyBytes;
        // The order of reading, which is that of generators and indices, decides between equal places.
        foreach (var sample in samples.OrderBy(static each => each.Place))
        {
            var size = format.SizeOf(read.Sources[sample.Source], sample.Planned(sample.Source));
            if (shard.Count > 0 && bytes + size > shardBytes)
            {
                yield return (shard, bytes);
                (shard, bytes) = ([], format.EmptyBytes);
            }

            shard.Add(sample);
            bytes += size;
        }

        if (shard.Count > 0) yield return (shard, bytes);
    }

    private async Task<ReadSamples> ReadAsync(Job job, ExportOptions options, CancellationToken cancellationToken)
    {
        var read = new ReadSamples();
        foreach (var generator in job.Generators)
        {
            (Manifest? manifest, Dictionary<int, long> offsets) = (null, []);
            await foreach (var row in rows.RowsAsync(job, generator, cancellationToken: cancellationToken))
            {
                if (options.Split is { } split && row.Split != split) continue;
                if (!ShardFormat.Takes(options, row))
                {
                    read.Skipped++;
                    continue;
                }

                if (row.Bytes > MaxSampleBytes)
                    return new ReadSamples
                    {
                        Problem = string.Create(CultureInfo.InvariantCulture,
                            $"{row.Generator.Name} {row.Record.Index} has {row.Bytes:N0} bytes; allowed: at most {MaxSampleBytes:N0}."),
                    };
                if (!ReferenceEquals(manifest, row.Finished.Manifest))
                    (manifest, offsets) = (row.Finished.Manifest, TarLayout.Of(job, row.Finished.Manifest));
                var place = SampleDigest.Of(
                    string.Create(CultureInfo.InvariantCulture, $"{options.Seed}/{row.Generator.Name}/{row.Record.Index}"));
                read.Add(row, place, row.Shard is "" ? null : offsets[row.Record.Index]);
            }
        }

        return read;
    }
}
