using System.Formats.Tar;
using System.Security.Cryptography;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Publishing;

public class WebDatasetTests
{
    private static readonly string[] Fields = ["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"];

    [Fact]
    public async Task A_shard_holds_the_samples_in_order_with_the_bytes_of_the_files_format()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 100, 30, "tar", OutputFormat.WebDataset));
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 100, 30, "files"));

        (await worker.KeysAsync("jobs/tar/data/")).ShouldBe(["jobs/tar/data/ok-generator/ok-generator-00000100-30.tar"]);
        var members = await ReadAsync(worker, "jobs/tar/data/ok-generator/ok-generator-00000100-30.tar");
        members.Select(static member => member.Name).ShouldBe(
            from index in Enumerable.Range(100, 30) from field in Fields select $"ok_{index:D8}.{field}");
        var files = await worker.DataAsync("files");
        foreach (var (name, sha256) in members)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            files[$"ok-generator/ok_task/{name[..dot]}/{name[(dot + 1)..]}"].ShouldBe(sha256);
        }

        var manifest = (await worker.Store.GetJsonAsync<Manifest>("jobs/tar/done/ok-generator/00000100-30.json"))!;
        using var shard = (await worker.Store.GetAsync(manifest.Shard!.Key))!;
        shard.Size.ShouldBe(manifest.Shard.Bytes);
        Convert.ToHexStringLower(await SHA256.HashDataAsync(shard.Content)).ShouldBe(manifest.Shard.Sha256);
        Directory.EnumerateFiles(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "shards")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_loader_that_knows_the_public_rules_alone_reads_every_sample()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 7, 12, "tar", OutputFormat.WebDataset));
        using var shard = (await worker.Store.GetAsync("jobs/tar/data/ok-generator/ok-generator-00000007-12.tar"))!;
        var tar = new MemoryStream();
        await shard.Content.CopyToAsync(tar);

        var samples = ShardReader.Read(tar.ToArray());

        samples.Select(static sample => sample.Key).ShouldBe(Enumerable.Range(7, 12).Select(static index => $"ok_{index:D8}"));
        foreach (var (_, fields) in samples) fields.Keys.ShouldBe(Fields);
        var records = (await worker.Store.GetJsonAsync<Manifest>("jobs/tar/done/ok-generator/00000007-12.json"))!.Samples;
        foreach (var ((_, fields), record) in samples.Zip(records))
            record.Files.Select(static file => file.Sha256).ShouldBe(record.Files.Select(file => Convert.ToHexStringLower(SHA256.HashData(fields[file.Name]))));
    }

    [Fact]
    public async Task Equal_ranges_make_equal_shards()
    {
        List<SortedDictionary<string, string>> runs = [];
        foreach (var lanes in new[] { 1, 2 })
        {
            await using var worker = new WorkerHarness(lanes);
            await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 20, format: OutputFormat.WebDataset));
            runs.Add(await worker.DataAsync("job"));
        }

        runs[0].ShouldBe(runs[1]);
    }

    [Fact]
    public async Task A_message_worked_on_twice_at_once_leaves_what_its_manifest_tells_of()
    {
        await using var worker = new WorkerHarness();
        var message = WorkerHarness.Message("ok-generator", 0, 20, format: OutputFormat.WebDataset);
        await Task.WhenAll(worker.ProcessAsync(message), worker.ProcessAsync(message));

        // A part that one of them had handed over comes late: the whole batch is done, though its manifest begins before the part.
        await worker.ProcessAsync(message.With(new SampleRange(5, 15), 1));

        (await worker.KeysAsync("jobs/job/data/")).ShouldBe(["jobs/job/data/ok-generator/ok-generator-00000000-20.tar"]);
        (await worker.DoneAsync("job", "ok-generator")).ShouldBe([new SampleRange(0, 20)]);
        (await ReadAsync(worker, "jobs/job/data/ok-generator/ok-generator-00000000-20.tar")).Count.ShouldBe(20 * 5);
    }

    [Fact]
    public async Task A_failed_sample_ends_a_shard_and_takes_none_with_it()
    {
        await using var worker = new WorkerHarness();
        await worker.Queue.SendAsync([new(WorkerHarness.Message("raises-generator", 0, 10, format: OutputFormat.WebDataset).ToJson(), "job")]);
        await worker.DrainAsync();
        (await worker.DoneAsync("job", "raises-generator")).ShouldBe([new SampleRange(0, 3), new SampleRange(4, 4), new SampleRange(9, 1)]);
        (await worker.KeysAsync("jobs/job/data/")).ShouldBe([
            "jobs/job/data/raises-generator/raises-generator-00000000-3.tar",
            "jobs/job/data/raises-generator/raises-generator-00000004-4.tar",
            "jobs/job/data/raises-generator/raises-generator-00000009-1.tar"]);
        (await ReadAsync(worker, "jobs/job/data/raises-generator/raises-generator-00000004-4.tar")).Count.ShouldBe(4 * 5);
    }

    [Fact]
    public async Task A_range_has_a_tar_for_each_split_with_its_samples_alone()
    {
        await using var worker = new WorkerHarness();
        var splits = SplitPlan.Read("splits", System.Text.Json.JsonElement.Parse("""{"train": 0.5, "test": 0.5}"""), static (_, message) => throw new InvalidOperationException(message))!;
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 24, format: OutputFormat.WebDataset) with { Splits = splits });

        (await worker.KeysAsync("jobs/job/data/")).ShouldBe([
            "jobs/job/data/ok-generator/ok-generator-00000000-24-test.tar", "jobs/job/data/ok-generator/ok-generator-00000000-24-train.tar"]);
        var manifest = (await worker.Store.GetJsonAsync<Manifest>("jobs/job/done/ok-generator/00000000-24.json"))!;
        (manifest.Shard, manifest.Samples.Count).ShouldBe((null, 24));
        manifest.Shards!.Select(static shard => shard.Split).ShouldBe(["test", "train"]);
        foreach (var shard in manifest.Shards!)
        {
            (await ReadAsync(worker, shard.Key)).Select(static member => member.Name).ShouldBe(
                from sample in manifest.Samples where splits.Of(sample.Fingerprint) == shard.Split from field in Fields select $"ok_{sample.Index:D8}.{field}");
            using var stored = (await worker.Store.GetAsync(shard.Key))!;
            Convert.ToHexStringLower(await SHA256.HashDataAsync(stored.Content)).ShouldBe(shard.Sha256);
        }

        Directory.EnumerateFiles(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "shards")).ShouldBeEmpty();
    }

    private static async Task<List<(string Name, string Sha256)>> ReadAsync(WorkerHarness worker, string key)
    {
        using var shard = (await worker.Store.GetAsync(key))!;
        await using var reader = new TarReader(shard.Content);
        List<(string, string)> members = [];
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            (entry.Uid, entry.Gid, entry.ModificationTime, (int)entry.Mode).ShouldBe((0, 0, DateTimeOffset.UnixEpoch, 0b110_100_100));
            members.Add((entry.Name, Convert.ToHexStringLower(await SHA256.HashDataAsync(entry.DataStream!))));
        }

        return members;
    }
}
