using System.Security.Cryptography;
using System.Text;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.Bench.Fabrication;

/// <summary>
/// A manifest of samples that nobody drew. It follows from job, generator and range, so that it can be made whenever it is read.
/// </summary>
internal static class FabricatedManifest
{
    private static readonly string[] Files = ["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"];

    public static Manifest Of(Job job, string generator, SampleRange range) => Of(job, generator, range,
        [.. Enumerable.Range(range.Start, range.Count).Select(index => Sample(job, generator, index))]);

    /// <summary>The figures of a manifest without its samples: enough for all but the dataset.</summary>
    public static Manifest HeadOf(Job job, string generator, SampleRange range) => Of(job, generator, range, []);

    private static Manifest Of(Job job, string generator, SampleRange range, IReadOnlyList<SampleRecord> samples) => new()
    {
        Generator = generator,
        Version = "1",
        Domain = "puzzle",
        StartIndex = range.Start,
        NumSamples = range.Count,
        BaseSeed = job.Seed,
        OutputFormat = job.OutputFormat,
        Files = range.Count * Files.Length,
        Bytes = samples.Sum(static sample => sample.Files.Sum(static file => file.Bytes)),
        Seconds = range.Count,
        CpuSeconds = 0.5 * range.Count,
        FinishedAt = job.CreatedAt,
        Worker = "bench",
        Shard = job.OutputFormat == OutputFormat.WebDataset
            ? new Shard(ObjectKeys.Shard(job.Id, generator, range), 1 << 20, Hash($"{generator} {range}")) : null,
        Samples = samples,
    };

    private static SampleRecord Sample(Job job, string generator, int index)
    {
        var hash = Hash($"{generator} {index}");
        return new SampleRecord
        {
            Index = index,
            Seed = job.Seed + index,
            Fingerprint = hash,
            Seconds = 0.1,
            Prompt = $"Move the piece of colour {hash[..6]} to the field that the arrow of puzzle {index} shows, without touching a wall on the way.",
            Parameters = $$"""{"size":8,"colour":"{{hash[..6]}}","moves":[[1,2],[3,4],[5,6]]}""",
            Files = [.. Files.Select(name => new SampleFileRecord(name, 20_000, hash))],
        };
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
