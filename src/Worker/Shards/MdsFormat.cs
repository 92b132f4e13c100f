using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Shards;

/// <summary>
/// MosaicML's MDS: a shard is the number of samples, their offsets, the description of its columns as JSON, and the samples. A sample is
/// the sizes of its columns of variable size, then the columns in the order of their names. Numbers are little-endian; an
/// <c>index.json</c> names the shards of a folder.
/// </summary>
internal sealed class MdsFormat : ShardFormat
{
    public const string PromptFile = SampleText.PromptFile;

    private const string IndexFile = "index.json";
    private const string VideoStem = "ground_truth.";

    private readonly List<MdsColumn> _columns;
    private readonly long _shardBytes;
    private readonly byte[] _config;

    public MdsFormat(ExportOptions options, IReadOnlyList<string> files)
    {
        _shardBytes = options.ShardBytes!.Value;
        _columns = [.. Columns(files).OrderBy(static column => column.Name, StringComparer.Ordinal)];
        _config = Encoding.UTF8.GetBytes(PythonJson.Object(Config()));
    }

    public override long EmptyBytes => (2 * sizeof(uint)) + _config.Length;

    public override long SizeOf(SampleSource source, PlannedSample sample) =>
        sizeof(uint) + _columns.Sum(column => column.SizeIn(source, sample) + (column.FixedBytes is null ? sizeof(uint) : 0));

    public override string PathOf(string? split, string? generator, int number) => string.Join('/', new[]
    {
        split, generator, string.Create(CultureInfo.InvariantCulture, $"shard.{number:D5}.mds"),
    }.OfType<string>());

    public override ShardContent Begin(Stream to, int samples) => new MdsContent(to, samples, _config, _columns);

    public override IEnumerable<(string Path, byte[] Content)> IndicesOf(IReadOnlyList<ExportShard> shards) => shards
        .GroupBy(static shard => shard.Path[..(shard.Path.LastIndexOf('/') + 1)], StringComparer.Ordinal)
        .Select(group => (group.Key + IndexFile, Encoding.UTF8.GetBytes(PythonJson.Object(
            ("shards", PythonJson.Array(group.Select(Entry))), ("version", "2")))));

    private static IEnumerable<MdsColumn> Columns(IReadOnlyList<string> files)
    {
        yield return MdsColumn.OfText("generator", static source => source.Generator);
        yield return MdsColumn.OfText("split", static source => source.Split ?? "");
        yield return MdsColumn.OfIndex("index");
        yield return MdsColumn.OfTextFile("prompt", PromptFile, trim: true);
        yield return MdsColumn.OfTextFile("metadata", SampleText.MetadataFile, trim: false);
        yield return MdsColumn.OfFile("video", static name => name.StartsWith(VideoStem, StringComparison.Ordinal));
        foreach (var still in new[] { "first_frame", "final_frame" })
        {
            if (files.Contains($"{still}.png", StringComparer.Ordinal))
                yield return MdsColumn.OfFile(still, name => name == $"{still}.png");
        }
    }

    private string Entry(ExportShard shard)
    {
        var hashes = PythonJson.Object(("sha256", PythonJson.Text(shard.Sha256)));
        var data = PythonJson.Object(("basename", PythonJson.Text(shard.Path[(shard.Path.LastIndexOf('/') + 1)..])),
            ("bytes", PythonJson.Number(shard.Bytes)), ("hashes", hashes));
        return PythonJson.Object([.. Config(), ("raw_data", data), ("samples", PythonJson.Number(shard.Samples)), ("zip_data", "null")]);
    }

    private (string Name, string Value)[] Config() =>
    [
        ("column_encodings", PythonJson.Array(_columns.Select(static column => PythonJson.Text(column.Encoding)))),
        ("column_names", PythonJson.Array(_columns.Select(static column => PythonJson.Text(column.Name)))),
        ("column_sizes", PythonJson.Array(_columns.Select(static column =>
            column.FixedBytes is { } bytes ? PythonJson.Number(bytes) : "null"))),
        ("compression", "null"),
        ("format", PythonJson.Text("mds")),
        ("hashes", PythonJson.Array([PythonJson.Text("sha256")])),
        ("size_limit", PythonJson.Number(_shardBytes)),
        ("version", "2"),
    ];
}
