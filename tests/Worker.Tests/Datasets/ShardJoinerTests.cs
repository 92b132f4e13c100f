using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Datasets;

namespace VmDataset.Worker.Tests.Datasets;

/// <summary>A batch of ten samples that was drawn in pieces, beside one that was drawn in one go.</summary>
public sealed class ShardJoinerTests : IAsyncDisposable
{
    private const string Name = "ok-generator";

    private readonly WorkerHarness _worker = new();

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("""{"train": 0.5, "test": 0.5}""")]
    public async Task Pieces_of_a_batch_become_the_tars_of_one_go(string? splits)
    {
        var plan = splits is null ? null : SplitPlan.Read("splits", JsonElement.Parse(splits), static (_, message) => throw new InvalidOperationException(message));
        await DrawAsync("whole", plan, new SampleRange(0, 10));
        // The second piece is what a retry draws of a sample that had failed.
        await DrawAsync("pieces", plan, new SampleRange(0, 4), new SampleRange(5, 5), new SampleRange(4, 1));
        (await _worker.KeysAsync("jobs/pieces/done/")).Count.ShouldBe(3);

        await JoinAsync("pieces", plan);
        (await _worker.DataAsync("pieces")).ShouldBe(await _worker.DataAsync("whole"));
        (await _worker.KeysAsync("jobs/pieces/done/")).ShouldBe([ObjectKeys.Done("pieces", Name, new SampleRange(0, 10))]);
        var (joined, whole) = (await ManifestAsync("pieces", 0, 10), await ManifestAsync("whole", 0, 10));
        joined.AllShards.Select(static each => (each.Bytes, each.Sha256, each.Split)).ShouldBe(whole.AllShards.Select(static each => (each.Bytes, each.Sha256, each.Split)));
        joined.Samples.Select(static each => (each.Index, each.Fingerprint)).ShouldBe(whole.Samples.Select(static each => (each.Index, each.Fingerprint)));
        (joined.Files, joined.Bytes).ShouldBe((whole.Files, whole.Bytes));

        var before = await _worker.DataAsync("pieces");
        await JoinAsync("pieces", plan);
        (await _worker.DataAsync("pieces")).ShouldBe(before);
    }

    [Fact]
    public async Task A_batch_with_a_gap_stays_in_two_tars_that_end_at_the_gap()
    {
        await DrawAsync("gap", null, new SampleRange(0, 2), new SampleRange(2, 3), new SampleRange(6, 4));

        await JoinAsync("gap", null);

        (await _worker.KeysAsync("jobs/gap/done/")).ShouldBe([ObjectKeys.Done("gap", Name, new SampleRange(0, 5)), ObjectKeys.Done("gap", Name, new SampleRange(6, 4))]);
        (await _worker.DataAsync("gap")).Keys.ShouldBe([$"{Name}/{Name}-00000000-5.tar", $"{Name}/{Name}-00000006-4.tar"]);
    }

    [Fact]
    public async Task Pieces_of_two_versions_are_not_joined()
    {
        await DrawAsync("versions", null, new SampleRange(0, 5), new SampleRange(5, 5));
        var key = ObjectKeys.Done("versions", Name, new SampleRange(5, 5));
        await _worker.Store.PutJsonAsync(key, await ManifestAsync("versions", 5, 5) with { Version = "another" });

        await JoinAsync("versions", null);

        (await _worker.KeysAsync("jobs/versions/done/")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_join_that_was_cut_short_is_completed()
    {
        await DrawAsync("whole", null, new SampleRange(0, 10));
        await DrawAsync("cut", null, new SampleRange(0, 4), new SampleRange(4, 6));
        // As after a crash before anything was removed.
        List<(string Key, byte[] Content)> before = [];
        foreach (var key in (await _worker.KeysAsync("jobs/cut/done/")).Concat(await _worker.KeysAsync("jobs/cut/data/"))) before.Add((key, await BytesAsync(key)));
        await JoinAsync("cut", null);
        foreach (var (key, content) in before) await _worker.Store.PutAsync(key, new MemoryStream(content));
        (await _worker.KeysAsync("jobs/cut/done/")).Count.ShouldBe(3);

        await JoinAsync("cut", null);

        (await _worker.DataAsync("cut")).ShouldBe(await _worker.DataAsync("whole"));
        (await _worker.KeysAsync("jobs/cut/done/")).Count.ShouldBe(1);
    }

    private async Task DrawAsync(string job, SplitPlan? splits, params SampleRange[] pieces)
    {
        foreach (var piece in pieces)
            await _worker.ProcessAsync(WorkerHarness.Message(Name, piece.Start, piece.Count, job, OutputFormat.WebDataset) with { Splits = splits, BatchStart = piece.Start > 0 ? 0 : null });
    }

    private Task JoinAsync(string id, SplitPlan? splits)
    {
        var job = new Job
        {
            Id = id,
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new(Name)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 1000,
            OutputFormat = OutputFormat.WebDataset,
            Splits = splits,
        };
        return _worker.Get<ShardJoiner>().JoinAsync(job, job.Generators[0], new SampleRange(0, 10));
    }

    private async Task<byte[]> BytesAsync(string key)
    {
        using var found = (await _worker.Store.GetAsync(key))!;
        var content = new MemoryStream();
        await found.Content.CopyToAsync(content);
        return content.ToArray();
    }

    private async Task<Manifest> ManifestAsync(string job, int start, int count) =>
        (await _worker.Store.GetJsonAsync<Manifest>(ObjectKeys.Done(job, Name, new SampleRange(start, count))))!;
}
