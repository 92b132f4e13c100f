using System.Formats.Tar;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Publishing;

namespace VmDataset.Worker.Shards;

/// <summary>
/// WebDataset: plain tars. A sample's key is its generator, as a folder, and its name: WebDataset ends a key at the first dot behind the
/// last slash, so a generator may have dots in its name, and the keys of two generators never meet.
/// </summary>
internal sealed class TarFormat : ShardFormat
{
    public override long EmptyBytes => ShardWriter.EndBytes;

    public override long SizeOf(SampleSource source, PlannedSample sample)
    {
        var size = 0L;
        for (var at = 0; at < source.Files.Count; at++)
            size += ShardWriter.SizeOf(Member(source, sample.Index, source.Files[at]), sample.Bytes[at]);
        return size;
    }

    public override string PathOf(string? split, string? generator, int number)
    {
        var name = string.Join('-', new[] { split, generator }.OfType<string>());
        return string.Create(CultureInfo.InvariantCulture, $"{(name is "" ? "shard" : name)}-{number:D5}.tar");
    }

    public override ShardContent Begin(Stream to, int samples) => new Content(to);

    private static string Member(SampleSource source, int index, string file) =>
        $"{source.Generator}/{ObjectKeys.ShardMember(source.Domain, index, file)}";

    private sealed class Content(Stream to) : ShardContent
    {
        private readonly TarWriter _tar = new(to, TarEntryFormat.Ustar, leaveOpen: true);

        public override async Task AddAsync(SampleContent sample, CancellationToken cancellationToken)
        {
            foreach (var (name, content) in sample.NamedFiles)
            {
                var member = ShardWriter.Member(Member(sample.Source, sample.Index, name));
                using var stream = new MemoryStream(content);
                member.DataStream = stream;
                await _tar.WriteEntryAsync(member, cancellationToken);
            }
        }

        // It writes the end of the archive, and holds nothing. After a failure, as on a full disk, it would fail again.
        public override async Task EndAsync(CancellationToken cancellationToken) => await _tar.DisposeAsync();
    }
}
