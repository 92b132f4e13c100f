using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Files;
using VmDataset.Worker.Options;
using VmDataset.Worker.Publishing;
using VmDataset.Worker.Samples;
using VmDataset.Worker.Tests.Samples;

namespace VmDataset.Worker.Tests.Publishing;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_shard_holds_whole_samples_wherever_the_disk_is_full()
    {
        var whole = await ShardOfAsync(2);
        var end = (await ShardOfAsync(3)).Length;
        var torn = 0;
        for (var room = whole.Length - 1024; room < end - 1024; room += 512, torn++)
        {
            await using var shard = new ShardWriter(_folder.Combine("full.tar"), wrap: file => new LimitedStream(file, room + 100));
            await shard.AddAsync(SampleOf(0), Token);
            await shard.AddAsync(SampleOf(1), Token);
            await Should.ThrowAsync<IOException>(() => shard.AddAsync(SampleOf(2), Token));
            shard.Samples.Count.ShouldBe(2);
            (await ContentAsync(shard)).ShouldBe(whole);
        }

        torn.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task The_sample_after_a_failure_follows_the_last_whole_one()
    {
        var sample = SampleOf(2);
        sample = sample with { Statuses = sample.Record.Files.ToDictionary(static file => file.Name, file => StatusOf(sample, file)) };
        File.AppendAllText(sample.PathOf(sample.Record.Files[^1]), "later");
        await using var shard = new ShardWriter(_folder.Combine("a.tar"));
        await shard.AddAsync(SampleOf(0), Token);
        (await Should.ThrowAsync<InvalidSampleException>(() => shard.AddAsync(sample, Token))).Message.ShouldStartWith("prompt.txt: it was changed after the sample was drawn");
        await shard.AddAsync(SampleOf(1), Token);
        (await ContentAsync(shard)).ShouldBe(await ShardOfAsync(2));
    }

    [Fact]
    public async Task A_shard_takes_samples_up_to_its_bytes()
    {
        await using var shard = new ShardWriter(_folder.Combine("a.tar"), maxBytes: 10_000);
        var added = 0;
        for (; shard.HasRoomFor(SampleOf(added)); added++) await shard.AddAsync(SampleOf(added), Token);
        added.ShouldBeInRange(2, 9);
        (await ContentAsync(shard)).Length.ShouldBeInRange(10_000 - 4_000, 10_000 + 1_024);
    }

    [Fact]
    public async Task A_shard_that_fills_the_disk_is_stored_and_the_rest_follows()
    {
        await using var worker = new WorkerHarness();
        using var disk = new SmallDisk(worker, "32k");
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 20, format: OutputFormat.WebDataset))).ShouldBe(BatchOutcome.Acknowledge);

        (await worker.DoneAsync("job", "ok-generator")).ShouldBe([new SampleRange(0, 20)]);
        var keys = await worker.KeysAsync("jobs/job/data/");
        keys.Count.ShouldBeGreaterThan(1);
        List<string> samples = [];
        foreach (var key in keys)
        {
            using var stored = (await worker.Store.GetAsync(key, Token))!;
            using var tar = new MemoryStream();
            await stored.Content.CopyToAsync(tar, Token);
            samples.AddRange(ShardReader.Read(tar.ToArray()).Select(static sample => $"{sample.Key} {sample.Fields.Count}"));
        }

        samples.ShouldBe(Enumerable.Range(0, 20).Select(static index => $"ok_{index:D8} 5"));
        foreach (var key in await worker.KeysAsync("jobs/job/done/"))
        {
            var shard = (await worker.Store.GetJsonAsync<Manifest>(key, Token))!.Shard!;
            (await worker.DataAsync("job", name => name == shard.Key)).Values.ShouldBe([shard.Sha256]);
        }
    }

    [Fact]
    public async Task A_message_comes_back_and_nothing_is_stored_when_no_sample_fits_on_the_disk()
    {
        await using var worker = new WorkerHarness();
        using var disk = new SmallDisk(worker, "4k");
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5, format: OutputFormat.WebDataset))).ShouldNotBe(BatchOutcome.Acknowledge);
        (await worker.KeysAsync("jobs/job/data/")).ShouldBeEmpty();
        (await worker.KeysAsync("jobs/job/done/")).ShouldBeEmpty();
        (await worker.KeysAsync("jobs/job/failed/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Samples_that_wait_for_room_do_not_wait_for_ever()
    {
        await using var worker = new WorkerHarness();
        var message = WorkerHarness.Message("ok-generator", 0, 1_000, format: OutputFormat.WebDataset);
        await using var publisher = new WebDatasetPublisher(message, worker.Store, worker.Get<ProgressReader>(),
            () => new ShardWriter(_folder.Combine($"{Guid.NewGuid():N}.tar"), wrap: file => new LimitedStream(file, 0)), new RangeQueue(RangeSet.Of(new SampleRange(0, 1_000))), _ => { });
        var waiting = publisher.WaitForRoomAsync(500, Token);
        waiting.IsCompleted.ShouldBeFalse();
        await Should.ThrowAsync<IOException>(() => publisher.AddAsync(SampleOf(0), Token));
        await Should.ThrowAsync<IOException>(() => waiting.WaitAsync(TimeSpan.FromMinutes(1), Token));
        (await publisher.CompleteAsync(Token)).ShouldBeEmpty();
    }

    private async Task<byte[]> ShardOfAsync(int samples)
    {
        await using var shard = new ShardWriter(_folder.Combine("whole.tar"));
        for (var index = 0; index < samples; index++) await shard.AddAsync(SampleOf(index), Token);
        return await ContentAsync(shard);
    }

    private static async Task<byte[]> ContentAsync(ShardWriter shard)
    {
        using var content = new MemoryStream();
        await shard.Finish().CopyToAsync(content, Token);
        return content.ToArray();
    }

    private static FileStatus StatusOf(Sample sample, SampleFileRecord file)
    {
        using var opened = sample.Open(file);
        return opened.Status;
    }

    private Sample SampleOf(int index)
    {
        var work = Directory.CreateDirectory(_folder.Combine($"{index}")).FullName;
        List<SampleFileRecord> files = [];
        foreach (var (name, bytes) in new[] { ("first_frame.png", 700), ("metadata.json", 300), ("prompt.txt", 20) })
        {
            File.WriteAllBytes(Path.Combine(work, name), [.. Enumerable.Repeat((byte)('a' + index), bytes)]);
            files.Add(new SampleFileRecord(name, bytes, ""));
        }

        return new Sample("chess", new SampleRecord { Index = index, Seed = index, Fingerprint = "", Seconds = 0, Files = files }, work, work);
    }

    /// <summary>Puts a worker's shards on a small disk of their own.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _shards;

        public SmallDisk(WorkerHarness worker, string size)
        {
            _shards = Directory.CreateDirectory(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "shards")).FullName;
            Assert.SkipUnless(OutputFolder.Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", _shards),
                "To mount a small disk needs CAP_SYS_ADMIN; the tests with a stream that fails say the same of a shard.");
        }

        public void Dispose() => OutputFolder.Run("umount", "-l", _shards);
    }
}
