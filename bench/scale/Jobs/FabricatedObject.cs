using System.Text;
using System.Text.Json;
using VmDataset.Bench.Fabrication;
using VmDataset.Bench.Scale.S3;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.Bench.Scale.Jobs;

/// <summary>An object of a job, whose bytes are made when they are read.</summary>
internal sealed record FabricatedObject(string Key, int Size, Func<byte[]> Content)
{
    public S3Object At(DateTimeOffset at) => new(Key, Size, at, () => new MemoryStream(Content(), writable: false));

    public static FabricatedObject Of(string key, byte[] content) => new(key, content.Length, () => content);

    public static FabricatedObject Of<T>(string key, T record) => Of(key, JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Options));

    public static FabricatedObject OfManifest(Job job, string generator, SampleRange range, bool whole) =>
        new(ObjectKeys.Done(job.Id, generator, range), SizeOf(job, range.Count, whole), () => Manifest(job, generator, range, whole));

    // LIST tells a size, so it must not depend on digits: blanks behind the JSON make up the difference.
    private static int SizeOf(Job job, int count, bool whole) => whole ? 1_024 + (1_280 * count) : 1_024 + job.Id.Length;

    private static byte[] Manifest(Job job, string generator, SampleRange range, bool whole)
    {
        var manifest = whole ? FabricatedManifest.Of(job, generator, range) : FabricatedManifest.HeadOf(job, generator, range);
        var (json, size) = (JsonSerializer.SerializeToUtf8Bytes(manifest, WireJson.Options), SizeOf(job, range.Count, whole));
        if (json.Length > size) throw new InvalidOperationException($"The manifest has {json.Length} bytes and was to have {size}.");
        return [.. json, .. Encoding.ASCII.GetBytes(new string(' ', size - json.Length))];
    }
}
