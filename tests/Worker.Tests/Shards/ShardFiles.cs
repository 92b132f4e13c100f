using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using System.Text.Json;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>Reads shards by the rules of their formats.</summary>
internal static class ShardFiles
{
    /// <summary>The samples of a tar as WebDataset groups them: by the name up to the first dot behind the last slash, and only members that
    /// follow each other.</summary>
    public static List<(string Key, SortedDictionary<string, byte[]> Files)> Tar(byte[] content)
    {
        List<(string Key, SortedDictionary<string, byte[]> Files)> samples = [];
        using var reader = new TarReader(new MemoryStream(content));
        while (reader.GetNextEntry() is { } entry)
        {
            var dot = entry.Name.IndexOf('.', entry.Name.LastIndexOf('/') + 1);
            if (samples is [] || samples[^1].Key != entry.Name[..dot]) samples.Add((entry.Name[..dot], new(StringComparer.Ordinal)));
            var data = new MemoryStream();
            entry.DataStream?.CopyTo(data);
            samples[^1].Files.Add(entry.Name[(dot + 1)..], data.ToArray());
        }

        return samples;
    }

    /// <summary>The samples of the shards that an <c>index.json</c> names, column by column.</summary>
    public static List<Dictionary<string, byte[]>> Mds(IReadOnlyDictionary<string, byte[]> files, string folder = "")
    {
        List<Dictionary<string, byte[]>> samples = [];
        var index = JsonElement.Parse(files[$"{folder}index.json"]);
        index.GetProperty("version").GetInt32().ShouldBe(2);
        foreach (var shard in index.GetProperty("shards").EnumerateArray())
        {
            shard.GetProperty("format").GetString().ShouldBe("mds");
            var data = shard.GetProperty("raw_data");
            var content = files[folder + data.GetProperty("basename").GetString()];
            content.Length.ShouldBe(data.GetProperty("bytes").GetInt32());
            var count = BinaryPrimitives.ReadInt32LittleEndian(content);
            count.ShouldBe(shard.GetProperty("samples").GetInt32());
            var offsets = Enumerable.Range(1, count + 1).Select(at => BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at * 4))).ToList();
            offsets[^1].ShouldBe(content.Length);
            var config = JsonElement.Parse(content.AsSpan(((count + 2) * 4)..offsets[0]).ToArray());
            config.GetProperty("column_names").GetRawText().ShouldBe(shard.GetProperty("column_names").GetRawText());
            for (var sample = 0; sample < count; sample++) samples.Add(Sample(shard, content.AsSpan(offsets[sample]..offsets[sample + 1])));
        }

        return samples;
    }

    public static string Text(this byte[] content) => Encoding.UTF8.GetString(content);

    private static Dictionary<string, byte[]> Sample(JsonElement shard, ReadOnlySpan<byte> content)
    {
        var names = shard.GetProperty("column_names").EnumerateArray().Select(static each => each.GetString()!).ToList();
        names.ShouldBe(names.Order(StringComparer.Ordinal));
        List<int> sizes = [];
        var at = 0;
        foreach (var size in shard.GetProperty("column_sizes").EnumerateArray())
        {
            sizes.Add(size.ValueKind == JsonValueKind.Null ? BinaryPrimitives.ReadInt32LittleEndian(content[at..]) : size.GetInt32());
            if (size.ValueKind == JsonValueKind.Null) at += 4;
        }

        Dictionary<string, byte[]> columns = [];
        foreach (var (name, size) in names.Zip(sizes))
        {
            columns[name] = content[at..(at + size)].ToArray();
            at += size;
        }

        at.ShouldBe(content.Length);
        return columns;
    }
}
