using VmDataset.Worker.Publishing;

namespace VmDataset.Worker.Shards;

/// <summary>Where the samples of a manifest lie in its tars: one after another, in the order of their indices.</summary>
internal static class TarLayout
{
    /// <returns>The offsets by index; of samples that are excluded, there are none.</returns>
    public static Dictionary<int, long> Of(Job job, Manifest manifest)
    {
        Dictionary<int, long> offsets = [];
        Dictionary<string, long> ends = new(StringComparer.Ordinal);
        foreach (var sample in manifest.Samples.Where(static each => each.Excluded is null))
        {
            var split = manifest.Shards is null ? "" : job.SplitOf(manifest.Generator, sample.Fingerprint) ?? "";
            offsets[sample.Index] = ends.GetValueOrDefault(split);
            ends[split] = offsets[sample.Index]
                + SizeOf(manifest.Domain, sample.Index, sample.Files.Select(static file => (file.Name, file.Bytes)));
        }

        return offsets;
    }

    /// <summary>Bytes of a sample in a tar.</summary>
    public static long SizeOf(string domain, int index, IEnumerable<(string Name, long Bytes)> files) =>
        files.Sum(file => ShardWriter.SizeOf(ObjectKeys.ShardMember(domain, index, file.Name), file.Bytes));
}
