using System.Buffers.Binary;

namespace VmDataset.Worker.Shards;

/// <summary>Tells the content of a sample's files by 16 hexadecimal digits.</summary>
internal static class SampleDigest
{
    public static ulong Of(SampleRecord sample) => Of(sample.Files.Select(static file => file.Sha256));

    public static ulong Of(IReadOnlyList<byte[]> files) =>
        Of(files.Select(static file => Convert.ToHexStringLower(SHA256.HashData(file))));

    public static string Text(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The first 64 bits of a text's SHA-256.</summary>
    public static ulong Of(string text) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ulong Of(IEnumerable<string> sums) => Of(string.Concat(sums));
}
