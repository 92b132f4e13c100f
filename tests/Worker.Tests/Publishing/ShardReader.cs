using System.Globalization;
using System.Text;

namespace VmDataset.Worker.Tests.Publishing;

/// <summary>
/// Reads shards as a WebDataset loader does, from the public rules and the tar format alone: members in their order, a sample
/// is a run of members with one key, which is the name up to its first dot.
/// </summary>
internal static class ShardReader
{
    private const int Block = 512;

    public static IReadOnlyList<(string Key, IReadOnlyDictionary<string, byte[]> Fields)> Read(byte[] tar)
    {
        (tar.Length % Block).ShouldBe(0);
        List<(string, IReadOnlyDictionary<string, byte[]>)> samples = [];
        HashSet<string> keys = [];
        Dictionary<string, byte[]>? fields = null;
        var last = "";
        var at = 0;
        for (; tar[at] != 0; at += Block)
        {
            var header = tar.AsSpan(at, Block);
            Octal(header.Slice(148, 8)).ShouldBe(Sum(header), "the header's checksum");
            ((char)header[156]).ShouldBe('0', "a regular file");
            var (name, size) = (Text(header[..100]), (int)Octal(header.Slice(124, 12)));
            name.ShouldNotContain("/");
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var key = name[..dot];
            if (key != last)
            {
                keys.Add(key).ShouldBeTrue($"the members of {key} are consecutive");
                fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
                samples.Add((key, fields));
                last = key;
            }

            fields!.Add(name[(dot + 1)..], tar[(at + Block)..(at + Block + size)]);
            at += (size + Block - 1) / Block * Block;
        }

        tar.AsSpan(at).ContainsAnyExcept((byte)0).ShouldBeFalse("nothing follows the end");
        (tar.Length - at).ShouldBeGreaterThanOrEqualTo(2 * Block);
        return samples;
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.ASCII.GetString(field).Split('\0')[0];

    private static long Octal(ReadOnlySpan<byte> field) => Text(field).Trim().Aggregate(0L, static (number, digit) =>
        (number * 8) + int.Parse($"{digit}", NumberStyles.None, CultureInfo.InvariantCulture));

    private static long Sum(ReadOnlySpan<byte> header)
    {
        var sum = 8L * ' ';
        for (var i = 0; i < Block; i++) sum += i is >= 148 and < 156 ? 0 : header[i];
        return sum;
    }
}
