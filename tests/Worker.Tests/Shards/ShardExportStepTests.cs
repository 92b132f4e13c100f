using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Shards;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>The steps of an export in shards: any of them may be cut short, repeated, or made by two workers.</summary>
public sealed class ShardExportStepTests : IAsyncDisposable
{
    private static readonly ExportOptions Tars = ShardJobs.Options(ExportProfile.WebDataset, 40_000);
    private static readonly ExportOptions Mds = ShardJobs.Options(ExportProfile.Mds, 8_000);
    private static readonly PartLimits OneShard = new(1, 1, 1);

    private readonly WorkerHarness _worker;
    private WatchedStore? _store;
    private SortedDictionary<string, byte[]>? _expected;

    public ShardExportStepTests() => _worker = new WorkerHarness(wrapStore: inner => _store = new WatchedStore(inner));

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task A_part_that_is_stopped_goes_on_and_parts_that_are_made_stay()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 5));
        var processor = _worker.Exporter(OneShard);
        await processor.ProcessAsync(await _worker.TaskAsync(job, Tars));
        var parts = await _worker.TakePartsAsync();
        parts.Count.ShouldBeGreaterThanOrEqualTo(3);
        (await processor.ProcessAsync(parts[0])).ShouldBe(BatchOutcome.Acknowledge);

        using var stop = new CancellationTokenSource();
        _store!.Reset();
        _store.BeforeWrite = (_, _) => stop.Cancel();
        (await processor.ProcessAsync(parts[1], new BatchBounds(null, stop.Token, default))).ShouldBe(BatchOutcome.GiveBack(TimeSpan.Zero));
        _store.Reset();
        // The queue delivers a message more than once, and in any order.
        foreach (var part in parts.Reverse().Prepend(parts[0])) (await processor.ProcessAsync(part)).ShouldBe(BatchOutcome.Acknowledge);

        _store.Writes.ShouldNotContain(key => key.EndsWith("shard-00000.tar", StringComparison.Ordinal));
        await ShouldBeWholeAsync(job, Tars);
    }

    [Theory]
    [InlineData(ExportProfile.WebDataset)]
    [InlineData(ExportProfile.Mds)]
    public async Task An_export_is_the_same_whichever_write_failed_first(string profile)
    {
        var options = profile == ExportProfile.Mds ? Mds : Tars;
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.Files, 12));
        var failed = 0;
        for (var fails = 1; ; fails++, failed++)
        {
            _store!.Reset();
            _store.BeforeWrite = (number, _) =>
            {
                if (number == fails) throw new IOException("The store is full.");
            };
            var processor = _worker.Exporter(OneShard);
            var task = await _worker.TaskAsync(job, options);
            await RunAsync(processor, task);
            foreach (var part in await _worker.TakePartsAsync()) await RunAsync(processor, part);
            var hasFailed = _store.Writes.Count < fails;
            await ShouldBeWholeAsync(job, options);
            await ForgetAsync(job, options);
            if (hasFailed) break;
        }

        // A plan with its parts, each with its shard and its record, and the record of the export.
        failed.ShouldBeGreaterThan(8);

        async Task RunAsync(VmDataset.Worker.Exports.ExportTaskProcessor processor, ExportTask task)
        {
            if (await processor.ProcessAsync(task) == BatchOutcome.Acknowledge) return;
            _store!.BeforeWrite = null;
            (await processor.ProcessAsync(task)).ShouldBe(BatchOutcome.Acknowledge);
        }
    }

    [Fact]
    public async Task Two_workers_on_the_same_messages_make_one_export()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 5));
        var processor = _worker.Exporter(OneShard);
        var task = await _worker.TaskAsync(job, Mds);
        await Task.WhenAll(processor.ProcessAsync(task), processor.ProcessAsync(task));
        var parts = await _worker.TakePartsAsync();
        await Parallel.ForEachAsync(parts, async (part, _) => (await processor.ProcessAsync(part)).ShouldBe(BatchOutcome.Acknowledge));

        await ShouldBeWholeAsync(job, Mds);
        _store!.Reset();
        await processor.ProcessAsync(task);
        foreach (var part in parts) await processor.ProcessAsync(part);
        _store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_that_made_a_part_once_more_leaves_nothing_of_it_behind()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 12));
        var processor = _worker.Exporter(OneShard);
        await processor.ProcessAsync(await _worker.TaskAsync(job, Tars));
        var parts = await _worker.TakePartsAsync();
        _store!.Reset();
        // Another worker makes all of the export while this one is about to record its part.
        var others = false;
        _store.BeforeWriteAsync = async key =>
        {
            if (others || !key.EndsWith("/00001.json", StringComparison.Ordinal)) return;
            others = true;
            foreach (var part in parts) await processor.ProcessAsync(part);
        };

        (await processor.ProcessAsync(parts[0])).ShouldBe(BatchOutcome.Acknowledge);

        others.ShouldBeTrue();
        await ShouldBeWholeAsync(job, Tars);
    }

    [Fact]
    public async Task A_sample_in_a_tar_is_one_read_and_a_part_lists_no_manifests()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 5));
        var processor = _worker.Exporter(OneShard);
        await processor.ProcessAsync(await _worker.TaskAsync(job, Tars));
        var parts = await _worker.TakePartsAsync();
        _store!.Reset();
        foreach (var part in parts.SkipLast(1)) await processor.ProcessAsync(part);

        _store.Lists.ShouldAllBe(static prefix => !prefix.Contains("/done/", StringComparison.Ordinal));
        await processor.ProcessAsync(parts[^1]);
        _store.Reads.Count(static key => key.EndsWith(".tar", StringComparison.Ordinal)).ShouldBe(2 * ShardJobs.Samples);
        _store.Reads.Count(static key => key.Contains("/done/", StringComparison.Ordinal)).ShouldBe(0);
        // Each part: the log of the job, which is a LIST, and the parts that there are.
        _store.Lists.Count.ShouldBeLessThanOrEqualTo((4 * parts.Count) + 10, string.Join(' ', _store.Lists));
    }

    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task A_sample_that_is_not_what_its_manifest_says_fails_the_export_by_its_name(OutputFormat format)
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", format, 12));
        var key = (await _worker.KeysAsync(ObjectKeys.DataPrefix(job.Id) + "two-of-two/")).First(static key => Path.GetExtension(key) is ".tar" or ".mp4");
        var whole = await _worker.BytesAsync(key);
        var damaged = whole.ToArray();
        damaged[format == OutputFormat.Files ? ^1 : 600] ^= 1;
        await _worker.Store.PutAsync(key, new MemoryStream(damaged));
        var processor = _worker.Exporter(OneShard);
        var task = await _worker.TaskAsync(job, Tars);
        await processor.ProcessAsync(task);
        var parts = await _worker.TakePartsAsync();
        foreach (var part in parts) await processor.ProcessAsync(part, receiveCount: 3);

        var problem = (await _worker.Get<ExportStore>().FindAsync(job.Id, Tars.Id))!.Problem;
        problem.ShouldBe("two-of-two 0 is not what its manifest says.");

        await _worker.Store.PutAsync(key, new MemoryStream(whole));
        await processor.ProcessAsync(task);
        // That part alone.
        var again = (await _worker.TakePartsAsync()).ShouldHaveSingleItem();
        await processor.ProcessAsync(again);
        await ShouldBeWholeAsync(job, Tars);
    }

    [Fact]
    public async Task An_export_of_data_that_has_changed_is_not_recorded_and_shards_too_many_are_removed()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 12));
        await _worker.ExportedAsync(job, Mds);
        var processor = _worker.Exporter(OneShard);
        var larger = Mds with { ShardBytes = 9_000 };
        await processor.ProcessAsync(await _worker.TaskAsync(job, larger));
        var parts = await _worker.TakePartsAsync();
        // As after a retry: half of the second generator is gone.
        var range = new SampleRange(0, 12);
        var manifest = (await _worker.Store.GetJsonAsync<Manifest>(ObjectKeys.Done(job.Id, "two-of-two", range)))!;
        await _worker.Store.DeleteAsync(ObjectKeys.Done(job.Id, "two-of-two", range));
        await _worker.Store.PutJsonAsync(ObjectKeys.Done(job.Id, "two-of-two", new SampleRange(0, 6)), manifest with { NumSamples = 6, Samples = [.. manifest.Samples.Take(6)] });

        foreach (var part in parts) (await processor.ProcessAsync(part)).ShouldBe(BatchOutcome.Acknowledge);
        (await _worker.Get<ExportStore>().FindAsync(job.Id, larger.Id)).ShouldBeNull();

        await _worker.WriteDatasetAsync(job);
        var files = await _worker.ExportedAsync(job, Mds);
        ShardFiles.Mds(files).Count.ShouldBe(18);
        files.Count.ShouldBe((await _worker.Get<ExportStore>().FindAsync(job.Id, Mds.Id))!.Files.Count);
    }

    [Fact]
    public async Task A_part_whose_job_is_deleted_meanwhile_stores_nothing()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 12));
        var processor = _worker.Exporter();
        await processor.ProcessAsync(await _worker.TaskAsync(job, Tars));
        var part = (await _worker.TakePartsAsync()).ShouldHaveSingleItem();
        _store!.Reset();
        var log = new JobEventLog(_worker.Store, TimeProvider.System);
        _store.BeforeRead = key => key.EndsWith(".tar", StringComparison.Ordinal)
            ? log.AppendAsync(job.Id, control => control.Deleted ? null : log.Event(JobEventType.Deleted)) : Task.CompletedTask;

        (await processor.ProcessAsync(part)).ShouldBe(BatchOutcome.Acknowledge);

        _store.Writes.ShouldNotContain(static key => key.Contains("/exports/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_export_that_cannot_be_says_why()
    {
        var job = await _worker.DrawnAsync(ShardJobs.Job("job", OutputFormat.WebDataset, 12, """{"train": 0.9999995, "test": 0.0000005}"""));
        var none = Tars with { Split = "test" };
        await _worker.Exporter().ProcessAsync(await _worker.TaskAsync(job, none));
        await _worker.Exporter(new PartLimits(1, 1, 1, MaxShards: 2)).ProcessAsync(await _worker.TaskAsync(job, Tars));

        (await _worker.Get<ExportStore>().FindAsync(job.Id, none.Id))!.Problem.ShouldBe("No sample of the split 'test' can be in it.");
        (await _worker.Get<ExportStore>().FindAsync(job.Id, Tars.Id))!.Problem.ShouldBe("It would have more than 2 shards; allowed: a larger shard_bytes than 40,000.");
        (await _worker.TakePartsAsync()).ShouldBeEmpty();
        (await _worker.KeysAsync($"jobs/{job.Id}/exports/")).ShouldAllBe(static key => key.EndsWith("/result.json", StringComparison.Ordinal));
    }

    /// <summary>The export is that of a run that nothing interrupted, and nothing is left of its parts.</summary>
    private async Task ShouldBeWholeAsync(Job job, ExportOptions options)
    {
        var record = await _worker.Get<ExportStore>().FindAsync(job.Id, options.Id);
        record.ShouldNotBeNull();
        record.Problem.ShouldBeNull();
        record.Samples.ShouldBe(2 * ShardJobs.Samples);
        var found = await _worker.ExportFilesAsync(job, options);
        (await _worker.KeysAsync(ObjectKeys.ExportPartPrefix(job.Id, options.Id))).ShouldBeEmpty();
        record.Files.Select(file => file.Path[$"{options.Folder}/".Length..]).ShouldBe(found.Keys, ignoreOrder: true);
        foreach (var file in record.Files)
        {
            var content = found[file.Path[$"{options.Folder}/".Length..]];
            (content.LongLength, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))).ShouldBe((file.Bytes, file.Sha256));
        }

        var expected = await ExpectedAsync(job, options);
        found.Keys.ShouldBe(expected.Keys);
        foreach (var (name, content) in found) content.AsSpan().SequenceEqual(expected[name]).ShouldBeTrue(name);
    }

    private async Task<SortedDictionary<string, byte[]>> ExpectedAsync(Job job, ExportOptions options)
    {
        if (_expected is not null) return _expected;
        await using var other = new WorkerHarness();
        return _expected = await other.ExportedAsync(await other.DrawnAsync(job), options);
    }

    private async Task ForgetAsync(Job job, ExportOptions options)
    {
        _store!.BeforeWrite = null;
        await _worker.Store.DeleteAsync(ObjectKeys.ExportResult(job.Id, options.Id));
        await _worker.Store.DeleteManyAsync(await _worker.KeysAsync($"{ObjectKeys.DataPrefix(job.Id)}{options.Folder}/"));
    }
}
