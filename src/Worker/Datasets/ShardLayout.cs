using VmDataset.Worker.Publishing;

namespace VmDataset.Worker.Datasets;

/// <summary>The tars into which a worker that draws a batch in one go puts its samples, by the rules of <see cref="ShardGroup"/>.</summary>
internal static class ShardLayout
{
    /// <param name="manifests">Those of a batch, in the order of their indices.</param>
    /// <param name="splits">The splits of the generator; null where it has none.</param>
    public static IReadOnlyList<Group> Of(IReadOnlyList<Manifest> manifests, SplitPlan? splits)
    {
        List<Group> groups = [];
        foreach (var manifest in manifests)
        {
            foreach (var record in manifest.Samples)
            {
                if (groups is [] || !groups[^1].TryAdd(manifest, record))
                {
                    groups.Add(new Group(splits));
                    groups[^1].TryAdd(manifest, record);
                }
            }
        }

        return groups;
    }

    /// <summary>Consecutive samples that one manifest tells of: a tar, or one for each split.</summary>
    internal sealed class Group(SplitPlan? splits)
    {
        private readonly List<(Manifest Manifest, SampleRecord Record)> _samples = [];
        private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);

        public SampleRange Range => new(_samples[0].Record.Index, _samples.Count);

        /// <summary>The splits with samples that are part of the dataset, in the order of their names; one null without splits.</summary>
        public IReadOnlyList<string?> Splits => [.. _samples.Where(static each => each.Record.Excluded is null)
            .Select(each => SplitOf(each.Record)).Distinct().Order(StringComparer.Ordinal)];

        /// <returns>Whether it was added: it is the next one, of the same kind, and there is room for it.</returns>
        public bool TryAdd(Manifest manifest, SampleRecord record)
        {
            var split = SplitOf(record) ?? "";
            var bytes = _bytes.GetValueOrDefault(split);
            var size = ShardWriter.SizeOf(record);
            if (_samples is [.., var last] && (last.Record.Index + 1 != record.Index || !IsAlike(last.Manifest, manifest)
                || !Names(_samples[0].Record).SequenceEqual(Names(record))
                || (bytes > 0 && bytes + size > ShardWriter.MaxBytes))) return false;
            _samples.Add((manifest, record));
            _bytes[split] = bytes + size;
            return true;
        }

        /// <summary>The samples of a tar by the manifests that they have now.</summary>
        public IEnumerable<(Manifest Manifest, IReadOnlyList<SampleRecord> Records)> Sources(string? split) => _samples
            .Where(each => each.Record.Excluded is null && SplitOf(each.Record) == split)
            .GroupBy(static each => each.Manifest.StartIndex)
            .Select(static each => (each.First().Manifest, (IReadOnlyList<SampleRecord>)[.. each.Select(static one => one.Record)]));

        /// <summary>Their manifest, without its tars. What was measured of a range is parted by its samples' seconds.</summary>
        public Manifest Manifest()
        {
            var sources = _samples.GroupBy(static each => each.Manifest.StartIndex).Select(static each =>
                (each.First().Manifest, Share: Share(each.First().Manifest, each.Select(static one => one.Record)))).ToList();
            SampleRecord[] records = [.. _samples.Select(static each => each.Record)];
            return sources[0].Manifest with
            {
                StartIndex = Range.Start,
                NumSamples = Range.Count,
                Files = records.Sum(static record => record.Files.Count),
                Bytes = records.Sum(static record => record.Files.Sum(static file => file.Bytes)),
                Seconds = Math.Round(sources.Sum(static each => each.Manifest.Seconds * each.Share), 3),
                CpuSeconds = sources.TrueForAll(static each => each.Manifest.CpuSeconds is not null)
                    ? Math.Round(sources.Sum(static each => each.Manifest.CpuSeconds!.Value * each.Share), 3) : null,
                MaxRssMb = sources.Max(static each => each.Manifest.MaxRssMb),
                FinishedAt = sources.Max(static each => each.Manifest.FinishedAt),
                Attempt = sources.Max(static each => each.Manifest.Attempt),
                Samples = records,
            };
        }

        private string? SplitOf(SampleRecord record) => splits?.Of(record.Fingerprint);

        // A manifest says this of all its samples.
        private static bool IsAlike(Manifest one, Manifest other) => one.Domain == other.Domain && one.Version == other.Version
            && one.Commit == other.Commit && one.BaseSeed == other.BaseSeed && one.Parameters == other.Parameters
            && one.OutputFormat == other.OutputFormat;

        private static IEnumerable<string> Names(SampleRecord record) => record.Files.Select(static file => file.Name);

        private static double Share(Manifest manifest, IEnumerable<SampleRecord> records) =>
            manifest.Samples.Sum(static each => each.Seconds) is > 0 and var all ? records.Sum(static each => each.Seconds) / all : 1;
    }
}
