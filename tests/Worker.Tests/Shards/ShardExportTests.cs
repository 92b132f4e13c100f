using System.Buffers.Binary;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Shards;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>What shards hold: every sample once, whatever the job's batches and format were.</summary>
public sealed class ShardExportTests : IAsyncDisposable
{
    private const string Halves = """{"train": 0.5, "test": 0.5}""";
    private const long TarBytes = 40_000, MdsBytes = 8_000;

    private readonly WorkerHarness _worker = new();

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(ExportProfile.WebDataset, TarBytes)]
    [InlineData(ExportProfile.Mds, MdsBytes)]
    public async Task Shards_are_the_same_bytes_for_any_batches_format_and_parts(string profile, long shardBytes)
    {
        var options = ShardJobs.Options(profile, shardBytes);
        var one = await _worker.DrawnAsync(ShardJobs.Job("one", OutputFormat.WebDataset, 5));
        var expected = await _worker.ExportedAsync(one, options);
        expected.Count.ShouldBeGreaterThanOrEqualTo(3);

        var other = await _worker.DrawnAsync(ShardJobs.Job("other", OutputFormat.WebDataset, 12));
        ShouldBeSame(await _worker.ExportedAsync(other, options, new PartLimits(1, 1, 1)), expected);
        var files = await _worker.DrawnAsync(ShardJobs.Job("files", OutputFormat.Files, 7));
        ShouldBeSame(await _worker.ExportedAsync(files, options, new PartLimits(1 << 20, 100, 2)), expected);
    }

    [Theory]
    [InlineData(OutputFormat.WebDataset)]
    [InlineData(OutputFormat.Files)]
    public async Task Mixed_tars_have_every_sample_once_in_a_shuffle_and_keep_their_size(OutputFormat format)
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", format, 5));
        var files = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes));

        files.Keys.ShouldBe(Enumerable.Range(0, files.Count).Select(static number => $"shard-{number:D5}.tar"));
        foreach (var tar in files.Values) tar.Length.ShouldBeLessThanOrEqualTo((int)TarBytes);
        // All but the last are as full as they can be.
        foreach (var tar in files.Values.SkipLast(1)) tar.Length.ShouldBeGreaterThan((int)TarBytes - 8_000);
        var samples = files.Values.SelectMany(ShardFiles.Tar).ToList();
        var keys = samples.ConvertAll(static sample => sample.Key);
        keys.Order(StringComparer.Ordinal).ShouldBe(AllKeys(job));
        keys.ShouldNotBe(AllKeys(job));
        // Both generators are in the first shard.
        ShardFiles.Tar(files["shard-00000.tar"]).Select(static sample => sample.Key.Split('/')[0]).Distinct().Count().ShouldBe(2);
        foreach (var (key, members) in samples) await ShouldBeDrawnAsync(key, members);
    }

    [Fact]
    public async Task Another_seed_shuffles_the_same_samples_otherwise()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 12));
        List<string>[] orders = [await OrderAsync(0), await OrderAsync(1)];

        orders[0].ShouldNotBe(orders[1]);
        orders[0].Order(StringComparer.Ordinal).ShouldBe(orders[1].Order(StringComparer.Ordinal));

        async Task<List<string>> OrderAsync(int seed) => [.. (await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes, seed: seed)))
            .Values.SelectMany(ShardFiles.Tar).Select(static sample => sample.Key)];
    }

    [Fact]
    public async Task Tars_by_generator_have_samples_of_one_each()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.Files, 5));
        var files = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes, ShardOrder.ByGenerator));

        files.Keys.ShouldContain("one.of-two-00000.tar");
        foreach (var (name, tar) in files)
            foreach (var (key, _) in ShardFiles.Tar(tar)) key.Split('/')[0].ShouldBe(name[..^"-00000.tar".Length]);
        files.Values.SelectMany(ShardFiles.Tar).Select(static sample => sample.Key).Order(StringComparer.Ordinal).ShouldBe(AllKeys(job));
    }

    [Theory]
    [InlineData(OutputFormat.WebDataset)]
    [InlineData(OutputFormat.Files)]
    public async Task Each_split_has_shards_of_its_own(OutputFormat format)
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", format, 5, Halves));
        var tars = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes));
        var mds = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.Mds, MdsBytes));

        var train = tars.Where(static each => each.Key.StartsWith("train-", StringComparison.Ordinal)).SelectMany(static each => ShardFiles.Tar(each.Value)).Select(static sample => sample.Key).ToHashSet();
        var test = tars.Where(static each => each.Key.StartsWith("test-", StringComparison.Ordinal)).SelectMany(static each => ShardFiles.Tar(each.Value)).Select(static sample => sample.Key).ToHashSet();
        train.Concat(test).Order(StringComparer.Ordinal).ShouldBe(AllKeys(job));
        foreach (var (split, expected) in new[] { ("train", train), ("test", test) })
        {
            var samples = ShardFiles.Mds(mds, $"{split}/");
            samples.ShouldAllBe(sample => sample["split"].Text() == split);
            samples.Select(static sample => $"{sample["generator"].Text()}/ok_{BinaryPrimitives.ReadInt64LittleEndian(sample["index"]):D8}").ShouldBe(expected, ignoreOrder: true);
        }

        var alone = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes, split: "test"));
        ShouldBeSame(alone, new SortedDictionary<string, byte[]>(tars.Where(static each => each.Key.StartsWith("test-", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal));
    }

    [Fact]
    public async Task Mds_has_every_sample_once_with_its_files()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 5));
        var files = await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.Mds, MdsBytes));

        foreach (var (name, content) in files)
            if (name != "index.json") content.Length.ShouldBeLessThanOrEqualTo((int)MdsBytes);
        var samples = ShardFiles.Mds(files);
        samples[0].Keys.ShouldBe(["final_frame", "first_frame", "generator", "index", "metadata", "prompt", "split", "video"]);
        samples.Select(static sample => $"{sample["generator"].Text()}/ok_{BinaryPrimitives.ReadInt64LittleEndian(sample["index"]):D8}").Order(StringComparer.Ordinal).ShouldBe(AllKeys(job));
        foreach (var sample in samples)
        {
            sample["split"].ShouldBeEmpty();
            var drawn = await DrawnAsync(sample["generator"].Text(), BinaryPrimitives.ReadInt64LittleEndian(sample["index"]));
            sample["prompt"].Text().ShouldBe(drawn["prompt.txt"].Text().Trim());
            foreach (var (column, file) in new[] { ("video", "ground_truth.mp4"), ("first_frame", "first_frame.png"), ("final_frame", "final_frame.png"), ("metadata", "metadata.json") })
                sample[column].ShouldBe(drawn[file]);
        }
    }

    [Fact]
    public async Task Shards_leave_out_duplicates_that_a_unique_job_removed()
    {
        var job = ShardJobs.Job("job", OutputFormat.WebDataset, 20) with { Unique = true, Samples = 60, Generators = [new("repeats-generator")] };
        await _worker.DrawnAsync(job);
        var samples = (await _worker.ExportedAsync(job, ShardJobs.Options(ExportProfile.WebDataset, TarBytes))).Values.SelectMany(ShardFiles.Tar).ToList();

        samples.Count.ShouldBeInRange(20, 40);
        samples.Select(static sample => Convert.ToHexString(sample.Files["ground_truth.mp4"]) + sample.Files["prompt.txt"].Text()).Distinct().Count().ShouldBe(samples.Count);
    }

    private static IEnumerable<string> AllKeys(Job job) =>
        from generator in job.Generators from index in Enumerable.Range(0, ShardJobs.Samples) select $"{generator.Name}/ok_{index:D8}";

    private async Task ShouldBeDrawnAsync(string key, SortedDictionary<string, byte[]> members)
    {
        var drawn = await DrawnAsync(key.Split('/')[0], int.Parse(key[^8..], System.Globalization.CultureInfo.InvariantCulture));
        members.Keys.ShouldBe(drawn.Keys);
        foreach (var (name, content) in members) content.ShouldBe(drawn[name]);
    }

    /// <summary>The files of a sample as a job of one sample has them.</summary>
    private async Task<SortedDictionary<string, byte[]>> DrawnAsync(string generator, long index)
    {
        var message = WorkerHarness.Message("ok-generator", (int)index, 1, $"check{index}") with { As = generator };
        await _worker.ProcessAsync(message);
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (var key in await _worker.KeysAsync($"jobs/check{index}/data/{generator}/")) files[key[(key.LastIndexOf('/') + 1)..]] = await _worker.BytesAsync(key);
        return files;
    }

    private static void ShouldBeSame(SortedDictionary<string, byte[]> found, SortedDictionary<string, byte[]> expected)
    {
        found.Keys.ShouldBe(expected.Keys);
        foreach (var (name, content) in found) content.AsSpan().SequenceEqual(expected[name]).ShouldBeTrue(name);
    }
}
