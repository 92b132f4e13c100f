using System.Security.Cryptography;
using System.Text;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Bench.Datasets;

/// <summary>A job with the manifests of all its samples and none of their files.</summary>
internal static class FabricatedJob
{
    private const int BatchSize = 200;
    private static readonly string[] Files = ["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"];

    public static Job Of(int generators, int samples, OutputFormat format) => new()
    {
        Id = "20261128-000000-00000000",
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = [.. Enumerable.Range(0, generators).Select(static index => new JobGenerator($"generator-{index:D4}", "1"))],
        StartIndex = 0,
        Samples = samples,
        BatchSize = BatchSize,
        Seed = 42,
        OutputFormat = format,
    };

    public static Task DrawAsync(IObjectStore store, Job job) => Parallel.ForEachAsync(
        from generator in job.Generators from range in job.Range().Split(BatchSize) select (generator.Name, range),
        async (batch, token) => await store.PutJsonAsync(ObjectKeys.Done(job.Id, batch.Name, batch.range),
            ManifestOf(job, batch.Name, batch.range), cancellationToken: token));

    private static Manifest ManifestOf(Job job, string generator, SampleRange range)
    {
        List<SampleRecord> samples = [.. Enumerable.Range(range.Start, range.Count).Select(index => Sample(job, generator, index))];
        return new Manifest
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
            FinishedAt = DateTimeOffset.UtcNow,
            Worker = "bench",
            Shard = job.OutputFormat == OutputFormat.WebDataset
                ? new Shard(ObjectKeys.Shard(job.Id, generator, range), 1 << 20, Hash($"{generator} {range}")) : null,
            Samples = samples,
        };
    }

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
