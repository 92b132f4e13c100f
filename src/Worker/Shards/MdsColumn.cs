using System.Buffers.Binary;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>A column of MDS shards.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Encoding">Its encoding, as MDS names it.</param>
/// <param name="SizeIn">Bytes of a sample's value, at most.</param>
/// <param name="ValueOf">A sample's value.</param>
/// <param name="FixedBytes">The size of every value; null where it varies.</param>
internal sealed record MdsColumn(string Name, string Encoding, Func<SampleSource, PlannedSample, long> SizeIn,
    Func<SampleContent, byte[]> ValueOf, int? FixedBytes = null)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static MdsColumn OfText(string name, Func<SampleSource, string> text) => new(name, "str",
        (source, _) => Utf8.GetByteCount(text(source)), sample => Utf8.GetBytes(text(sample.Source)));

    public static MdsColumn OfIndex(string name) => new(name, "int", static (_, _) => sizeof(long), static sample =>
    {
        var value = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(value, sample.Index);
        return value;
    }, sizeof(long));

    /// <summary>A file as it is.</summary>
    public static MdsColumn OfFile(string name, Func<string, bool> isFile) => new(name, "bytes",
        (source, sample) => Size(source, sample, isFile),
        sample => sample.NamedFiles.First(file => isFile(file.Name)).Content);

    /// <summary>A text; empty where a sample has no such file.</summary>
    /// <param name="name">The column.</param>
    /// <param name="file">The file.</param>
    /// <param name="trim">Whether the white space around it is left out.</param>
    public static MdsColumn OfTextFile(string name, string file, bool trim) => new(name, "str",
        (source, sample) => Size(source, sample, other => other == file),
        sample => sample.Find(file) is { } content ? Text(content, trim) : []);

    private static long Size(SampleSource source, PlannedSample sample, Func<string, bool> isFile)
    {
        for (var at = 0; at < source.Files.Count; at++)
            if (isFile(source.Files[at])) return sample.Bytes[at];
        return 0;
    }

    // A reader would fail at what is no UTF-8. Of what generators write, prompts alone are known to be.
    private static byte[] Text(byte[] content, bool trim)
    {
        var text = Utf8.GetString(content).TrimStart('\uFEFF');
        return Utf8.GetBytes(trim ? text.Trim() : text);
    }
}
