using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Deduplication;

/// <summary>A job that wants six different samples of a generator whose indices give "a b a c b d e f g h".</summary>
public sealed class UniqueJobTests : LocalStoreTests
{
    private const string Drawn = "abacbdefgh";

    private readonly ManifestReader _manifests;

    public UniqueJobTests() => _manifests = new ManifestReader(Store);

    [Fact]
    public async Task Duplicates_are_found_when_all_is_drawn_and_the_next_round_holds_what_replaces_them()
    {
        var job = Job(OutputFormat.Files);
        await FinishAsync(job, 0, 4);
        (await CheckAsync(job)).ShouldBeNull();
        await FinishAsync(job, 4, 2);
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);

        var looks = await Task.WhenAll(CheckAsync(job), CheckAsync(job), CheckAsync(job));
        looks.OfType<JobEvent>().ShouldHaveSingleItem();
        var control = await Log.ReadAsync(job.Id, Token);
        var check = control.Events.ShouldHaveSingleItem().Checks.ShouldHaveSingleItem();
        check.ShouldBe(new DuplicateCheck("g", 6, 4, 15));
        control.Events[0].Reason.ShouldBe("Further samples are drawn to replace duplicates: 9 of g.");

        var generation = DispatchGeneration.Current(job, control).ShouldHaveSingleItem();
        generation.Batches().Select(static batch => (batch.Range, batch.Generation))
            .ShouldBe([(new SampleRange(6, 4), 1), (new SampleRange(10, 4), 1), (new SampleRange(14, 1), 1)]);
        var read = await Progress.ReadAsync(job, Token);
        (read.State, read.Samples).ShouldBe((JobState.Submitting, new Counts(15, 6, 0)));
        read.Batches.ShouldBe(new Counts(5, 2, 0));
    }

    [Fact]
    public async Task A_sample_that_failed_holds_nothing_up_and_is_not_replaced()
    {
        var job = Job(OutputFormat.Files);
        await FinishAsync(job, 0, 3);
        await Store.PutAsync(ObjectKeys.Dead(job.Id, 0, "g", new SampleRange(3, 1)), new MemoryStream(), cancellationToken: Token);
        await FinishAsync(job, 4, 2);

        // "a b a - b d": two of the three that are missing are to replace duplicates.
        (await CheckAsync(job))!.Checks.ShouldHaveSingleItem().ShouldBe(new DuplicateCheck("g", 6, 3, 16, Failed: 1));
    }

    [Fact]
    public async Task A_failed_sample_that_is_drawn_later_is_checked_too()
    {
        var job = Job(OutputFormat.Files) with { Samples = 3 };
        await FinishAsync(job, 0, 2);
        var dead = ObjectKeys.Dead(job.Id, 0, "g", new SampleRange(2, 1));
        await Store.PutAsync(dead, new MemoryStream(), cancellationToken: Token);
        (await CheckAsync(job))!.Checks.ShouldHaveSingleItem().Settled.ShouldBeTrue();
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Failed);

        await Store.DeleteAsync(dead, Token);
        await FinishAsync(job, 2, 1);
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);
        (await CheckAsync(job))!.Checks.ShouldHaveSingleItem().ShouldBe(new DuplicateCheck("g", 3, 2, 10));
    }

    [Fact]
    public async Task Samples_drawn_beyond_the_candidates_do_not_count()
    {
        var job = Job(OutputFormat.Files);
        await FinishAsync(job, 0, 6);
        await FinishAsync(job, 6, 4);
        (await CheckAsync(job))!.Checks.ShouldHaveSingleItem().ShouldBe(new DuplicateCheck("g", 6, 4, 15));
    }

    [Fact]
    public async Task A_retry_and_a_resumption_send_the_further_batches_too()
    {
        var job = Job(OutputFormat.Files);
        await FinishAsync(job, 0, 6);
        await CheckAsync(job);
        await Log.AppendAsync(job.Id, _ => Log.Event(JobEventType.Paused), Token);
        await Log.AppendAsync(job.Id, _ => Log.Event(JobEventType.Resumed), Token);
        var generation = DispatchGeneration.Current(job, await Log.ReadAsync(job.Id, Token)).ShouldHaveSingleItem();
        generation.Number.ShouldBe(3);
        generation.Batches().Sum(static batch => batch.NumSamples).ShouldBe(15);
    }

    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task Excluded_samples_are_removed_and_a_second_removal_changes_nothing(OutputFormat format)
    {
        var job = Job(format);
        await FinishAsync(job, 0, 4);
        await FinishAsync(job, 4, 2);
        await FinishAsync(job, 6, 4);
        await new DuplicatePruner(_manifests, Known, Store).PruneAsync(job, "g", Token);

        (await KeptAsync(job)).ShouldBe([0, 1, 3, 5, 6, 7]);
        var records = await _manifests.SamplesAsync(job, "g", cancellationToken: Token).Select(static sample => sample.Record).ToListAsync(Token);
        records.Where(static record => record.Excluded is not null).Select(static record => (record.Index, record.Excluded!.DuplicateOf))
            .ShouldBe([(2, 0), (4, 1), (8, null), (9, null)]);
        var before = await ObjectsAsync(job);
        await new DuplicatePruner(_manifests, Known, Store).PruneAsync(job, "g", Token);
        (await ObjectsAsync(job)).ShouldBe(before);
    }

    [Fact]
    public async Task Excluded_samples_are_removed_from_the_tars_of_splits_and_a_tar_without_samples_goes()
    {
        var splits = SplitPlan.Read("splits", System.Text.Json.JsonElement.Parse("""{"train": 0.5, "test": 0.5}"""), static (_, message) => throw new InvalidOperationException(message))!;
        var job = Job(OutputFormat.WebDataset) with { Splits = splits };
        await FinishAsync(job, 0, 4);
        await FinishAsync(job, 4, 2);
        await FinishAsync(job, 6, 4);
        await new DuplicatePruner(_manifests, Known, Store).PruneAsync(job, "g", Token);

        (await KeptAsync(job)).Order().ShouldBe([0, 1, 3, 5, 6, 7]);
        var named = await _manifests.ManifestsAsync(job, "g", 0, cancellationToken: Token)
            .SelectMany(static manifest => manifest.AllShards.ToAsyncEnumerable()).Select(static shard => shard.Key).ToListAsync(Token);
        (await Store.ListAsync(ObjectKeys.DataPrefix(job.Id), cancellationToken: Token).Select(static entry => entry.Key).ToListAsync(Token)).ShouldBe(named, ignoreOrder: true);
        var before = await ObjectsAsync(job);
        await new DuplicatePruner(_manifests, Known, Store).PruneAsync(job, "g", Token);
        (await ObjectsAsync(job)).ShouldBe(before);
    }

    [Fact]
    public async Task Samples_of_another_job_are_left_out_and_replaced_whatever_becomes_of_that_job()
    {
        var other = Job(OutputFormat.Files) with { Id = "other", Samples = 2, Unique = false };
        await Jobs.CreateAsync(other, Token);
        await FinishAsync(other, 0, 2);
        var job = Job(OutputFormat.WebDataset) with { UniqueAgainst = ["other"], Samples = 4 };
        await FinishAsync(job, 0, 4);

        // "a b a c": the other job has a and b.
        (await CheckAsync(job))!.Checks.ShouldHaveSingleItem().ShouldBe(new DuplicateCheck("g", 4, 1, 14));
        await Store.DeleteManyAsync(await Store.ListAsync("jobs/other/", cancellationToken: Token).Select(static entry => entry.Key).ToListAsync(Token), Token);
        await FinishAsync(job, 4, 4);
        await FinishAsync(job, 8, 2);
        await new DuplicatePruner(_manifests, Known, Store).PruneAsync(job, "g", Token);

        (await KeptAsync(job)).ShouldBe([3, 5, 6, 7]);
        var left = await _manifests.SamplesAsync(job, "g", cancellationToken: Token).Select(static sample => sample.Record.Excluded)
            .Where(static excluded => excluded is not null).ToListAsync(Token);
        left.ShouldBe([new(InOtherJob: true), new(InOtherJob: true), new(InOtherJob: true), new(InOtherJob: true), new(), new()]);
    }

    [Fact]
    public async Task A_job_that_is_to_repeat_no_sample_of_a_job_that_is_gone_stops_and_says_so()
    {
        var job = Job(OutputFormat.Files) with { UniqueAgainst = ["gone"] };
        await FinishAsync(job, 0, 4);
        await FinishAsync(job, 4, 2);

        var stopped = (await CheckAsync(job))!;
        (stopped.Type, stopped.Reason).ShouldBe((JobEventType.Stopped, "The job 'gone', whose samples this job was not to repeat (unique_against), is not there any more."));
    }

    private KnownSamples Known => new(Jobs, _manifests, Store);

    private static Job Job(OutputFormat format) => new()
    {
        Id = $"j-{format}".ToLowerInvariant(),
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = [new("g", "1")],
        StartIndex = 0,
        Samples = 6,
        BatchSize = 4,
        Seed = 0,
        OutputFormat = format,
        Unique = true,
    };

    private async Task<JobEvent?> CheckAsync(Job job)
    {
        await Store.PutAsync(ObjectKeys.Sent(job.Id, 0, 2), new MemoryStream(), cancellationToken: Token);
        var read = await Progress.ReadAsync(job, Token);
        var checker = new DuplicateChecker(_manifests, Known, Log);
        return DuplicateChecker.Due(job, read) is [] ? null : await checker.RecordAsync(job, read, await checker.CountAsync(job, read, Token), Token);
    }

    private async Task FinishAsync(Job job, int start, int count)
    {
        if (job.Splits is not null)
        {
            await FinishSplitAsync(job, start, count);
            return;
        }

        var range = new SampleRange(start, count);
        List<SampleRecord> samples = [];
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            for (var index = start; index < range.End; index++)
            {
                byte[] content = Encoding.UTF8.GetBytes($"{Drawn[index]}");
                samples.Add(new SampleRecord
                {
                    Index = index,
                    Seed = index,
                    Fingerprint = Convert.ToHexStringLower(SHA256.HashData(content)),
                    Seconds = 0.1,
                    Files = [new("prompt.txt", 1, "")],
                });
                if (job.OutputFormat == OutputFormat.Files)
                    await Store.PutAsync(ObjectKeys.SampleFile(job.Id, "g", "d", index, "prompt.txt"), new MemoryStream(content), cancellationToken: Token);
                else
                    await writer.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, ObjectKeys.ShardMember("d", index, "prompt.txt")) { DataStream = new MemoryStream(content) }, Token);
            }
        }

        tar.Position = 0;
        var key = ObjectKeys.Shard(job.Id, "g", range);
        if (job.OutputFormat == OutputFormat.WebDataset) await Store.PutAsync(key, tar, cancellationToken: Token);
        await Store.PutJsonAsync(ObjectKeys.Done(job.Id, "g", range), new Manifest
        {
            Generator = "g",
            Version = "1",
            Domain = "d",
            StartIndex = start,
            NumSamples = count,
            BaseSeed = 0,
            OutputFormat = job.OutputFormat,
            Files = count,
            Bytes = count,
            Seconds = 0.1,
            FinishedAt = DateTimeOffset.UtcNow,
            Shard = job.OutputFormat == OutputFormat.WebDataset ? new Shard(key, tar.Length, "") : null,
            Samples = samples,
        }, cancellationToken: Token);
    }

    private async Task FinishSplitAsync(Job job, int start, int count)
    {
        await FinishAsync(job with { Splits = null }, start, count);
        var range = new SampleRange(start, count);
        var manifest = (await Store.GetJsonAsync<Manifest>(ObjectKeys.Done(job.Id, "g", range), Token))!;
        await Store.DeleteAsync(manifest.Shard!.Key, Token);
        List<Shard> shards = [];
        foreach (var split in manifest.Samples.GroupBy(sample => job.SplitOf("g", sample.Fingerprint)!))
        {
            using var tar = new MemoryStream();
            await using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
                foreach (var sample in split)
                    await writer.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, ObjectKeys.ShardMember("d", sample.Index, "prompt.txt")) { DataStream = new MemoryStream([(byte)Drawn[sample.Index]]) }, Token);
            tar.Position = 0;
            var key = ObjectKeys.Shard(job.Id, "g", range, split.Key);
            await Store.PutAsync(key, tar, cancellationToken: Token);
            shards.Add(new Shard(key, tar.Length, "", split.Key));
        }

        await Store.PutJsonAsync(ObjectKeys.Done(job.Id, "g", range), manifest with { Shard = null, Shards = shards }, cancellationToken: Token);
    }

    private async Task<List<int>> KeptAsync(Job job)
    {
        List<int> kept = [];
        await foreach (var entry in Store.ListAsync(ObjectKeys.DataPrefix(job.Id), cancellationToken: Token))
        {
            if (job.OutputFormat == OutputFormat.Files)
            {
                kept.Add(int.Parse(entry.Key.Split('/')[^2][2..]));
                continue;
            }

            using var shard = await Store.GetAsync(entry.Key, Token);
            using var reader = new TarReader(shard!.Content);
            while (await reader.GetNextEntryAsync(cancellationToken: Token) is { } member) kept.Add(int.Parse(member.Name[2..10]));
        }

        return kept;
    }

    private async Task<List<(string Key, string Sha256)>> ObjectsAsync(Job job)
    {
        List<(string, string)> objects = [];
        await foreach (var entry in Store.ListAsync(ObjectKeys.JobPrefix(job.Id), cancellationToken: Token))
        {
            using var content = await Store.GetAsync(entry.Key, Token);
            objects.Add((entry.Key, Convert.ToHexStringLower(await SHA256.HashDataAsync(content!.Content, Token))));
        }

        return objects;
    }
}
