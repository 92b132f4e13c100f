using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Videos;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>Jobs whose samples are there with every byte that their manifests tell of.</summary>
internal static class DrawnJobs
{
    public const string FilesBody = """{"generators": ["beta", "alpha"], "samples": 10, "seed": 7, "batch_size": 5}""";
    public const string TarsBody = """{"generators": ["beta", "alpha"], "samples": 10, "seed": 7, "batch_size": 5, "output_format": "webdataset"}""";

    public static readonly string[] Names = ["README.md", "SHA256SUMS", "croissant.json", "metadata.jsonl", "metadata.parquet"];

    /// <summary>Stores what a worker would for a range; the second generator draws no video, and says little.</summary>
    public static async Task DrawAsync(this IObjectStore store, Job job, string generator, int start, int count)
    {
        var range = new SampleRange(start, count);
        SortedDictionary<string, MemoryStream> tars = new(StringComparer.Ordinal);
        List<SampleRecord> samples = [];
        for (var index = start; index < range.End; index++)
        {
            List<SampleFileRecord> files = [];
            var fingerprint = Hex(Encoding.UTF8.GetBytes($"{generator} {index}"));
            var split = job.SplitOf(generator, fingerprint) ?? "";
            if (job.OutputFormat == OutputFormat.WebDataset) tars.TryAdd(split, new MemoryStream());
            foreach (var name in generator == "beta" ? ["final_frame.png", "first_frame.png", "ground_truth.mp4", "prompt.txt"] : new[] { "first_frame.png", "prompt.txt" })
            {
                var content = Encoding.UTF8.GetBytes($"{generator} {index} {name}");
                files.Add(new SampleFileRecord(name, content.Length, Hex(content)));
                if (job.OutputFormat == OutputFormat.WebDataset) tars[split].Write(content);
                else await store.PutAsync(ObjectKeys.SampleFile(job.Id, generator, "shape", index, name), new MemoryStream(content));
            }

            samples.Add(new SampleRecord
            {
                Index = index,
                Seed = job.Seed + index,
                Fingerprint = fingerprint,
                Seconds = index,
                Prompt = generator == "beta" ? $"Ziehe \"{index}\" – 谁?" : null,
                Parameters = generator == "beta" ? $$"""{{{(index == 5 ? "\"difficulty\":\"hard\"," : index == 6 ? "\"difficulty\":2.5," : index == 7 ? "\"difficulty\":[1]," : "")}}"n":{{index}}}""" : null,
                Video = generator == "beta" ? new VideoFacts(512, 320, 81, 16.5, 4.909, "avc1") : null,
                FinalFrameDistance = generator == "beta" ? 3.25 : null,
                Files = files,
            });
        }

        List<Shard> shards = [];
        foreach (var (split, tar) in tars)
        {
            var key = ObjectKeys.Shard(job.Id, generator, range, split is "" ? null : split);
            tar.Position = 0;
            await store.PutAsync(key, tar);
            shards.Add(new Shard(key, tar.Length, Hex(tar.ToArray()), split is "" ? null : split));
        }

        await store.PutJsonAsync(ObjectKeys.Done(job.Id, generator, range), new Manifest
        {
            Generator = generator,
            Version = $"version of {generator}",
            Domain = "shape",
            StartIndex = start,
            NumSamples = count,
            BaseSeed = job.Seed,
            OutputFormat = job.OutputFormat,
            Files = samples.Sum(sample => sample.Files.Count),
            Bytes = samples.Sum(sample => sample.Files.Sum(file => file.Bytes)),
            Seconds = count,
            FinishedAt = DateTimeOffset.UtcNow,
            Worker = $"worker-{Guid.NewGuid()}",
            Shard = job.Splits is null ? shards.SingleOrDefault() : null,
            Shards = job.Splits is null || shards is [] ? null : shards,
            Samples = samples,
        });
    }

    /// <summary>A job that has ended well, drawn in ranges of so many samples.</summary>
    public static async Task<Job> DrawnAsync(this Api api, string body, int size = 5)
    {
        var job = await api.SubmitAsync(body);
        foreach (var generator in job.Generators)
            foreach (var range in job.Range(generator).Split(size)) await api.Store.DrawAsync(job, generator.Name, range.Start, range.Count);
        return job;
    }

    /// <summary>Lets the application look until the job's dataset is so, and returns it.</summary>
    public static Task<JsonElement> DatasetAsync(this Api api, Job job, string state = "ready") => Eventually.GetAsync(
        async () =>
        {
            await api.ReconcileAsync();
            return (await api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("dataset");
        },
        dataset => dataset.GetProperty("state").GetString() == state);

    /// <summary>Every file of the data folder by its path.</summary>
    public static async Task<SortedDictionary<string, byte[]>> FilesAsync(this IObjectStore store, Job job)
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        var prefix = ObjectKeys.DataPrefix(job.Id);
        await foreach (var entry in store.ListAsync(prefix))
        {
            using var found = (await store.GetAsync(entry.Key))!;
            var content = new MemoryStream();
            await found.Content.CopyToAsync(content);
            files[entry.Key[prefix.Length..]] = content.ToArray();
        }

        return files;
    }

    public static IReadOnlyList<JsonElement> Rows(this IReadOnlyDictionary<string, byte[]> files, string name = "metadata.jsonl") =>
        [.. Encoding.UTF8.GetString(files[name]).TrimEnd('\n').Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    public static string Text(this IReadOnlyDictionary<string, byte[]> files, string name) => Encoding.UTF8.GetString(files[name]);

    public static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
