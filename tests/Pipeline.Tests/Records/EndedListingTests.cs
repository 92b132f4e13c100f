using Microsoft.Extensions.Time.Testing;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.Records;

/// <summary>The stored listing of a large job that has ended.</summary>
public sealed class EndedListingTests : LocalStoreTests
{
    private const int Batches = 2_500;
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    // "a-b" sorts before "a" among keys, and behind it among names.
    private static readonly Job TheJob = new()
    {
        Id = "20261128-120000-00000000",
        CreatedAt = Start,
        Generators = [new JobGenerator("a"), new JobGenerator("a-b")],
        StartIndex = 0,
        Samples = Batches * 2,
        BatchSize = 2,
        Seed = 1,
        OutputFormat = OutputFormat.Files,
    };

    private readonly FakeTimeProvider _time = new(Start.AddHours(1));
    private readonly ListedKeys _keys;
    private readonly ProgressReader _reader;
    private readonly EndedListingStore _listings;

    public EndedListingTests()
    {
        _keys = new ListedKeys(Store, ObjectKeys.DonePrefix(TheJob.Id));
        _reader = new ProgressReader(_keys, Log, _time);
        _listings = new EndedListingStore(_keys);
    }

    [Fact]
    public async Task A_stored_listing_gives_the_reading_that_the_manifests_give()
    {
        var read = await EndAsync();
        await _listings.PutAsync(TheJob, read, DatasetIdentity.Of, Token);
        _keys.Lists.Clear();

        var recalled = await new ProgressReader(_keys, Log, _time).RecallAsync(TheJob, _listings, Token);

        _keys.Lists.ShouldBeEmpty();
        recalled.ShouldNotBeNull();
        recalled.State.ShouldBe(JobState.Failed);
        recalled.Samples.ShouldBe(read.Samples);
        recalled.Done.ShouldBe(read.Done);
        recalled.Unreadable.ShouldBe(read.Unreadable);
        recalled.LastChangeAt.ShouldBe(read.LastChangeAt);
        DatasetIdentity.Of(recalled).ShouldBe(DatasetIdentity.Of(read));
    }

    [Fact]
    public async Task A_stored_listing_ends_with_the_next_event_of_its_job()
    {
        await _listings.PutAsync(TheJob, await EndAsync(), DatasetIdentity.Of, Token);
        await Log.AppendAsync(TheJob.Id, _ => Log.Event(JobEventType.Retried));

        (await _reader.RecallAsync(TheJob, _listings, Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"generators": [{"name": "a", "done": [0, 2], "unreadable": []}, {"name": "a-b", "done": [], "unreadable": []}]}""")]
    [InlineData("""{"generators": [{"name": "a", "done": [0, 0, 0], "unreadable": []}, {"name": "a-b", "done": [], "unreadable": []}]}""")]
    [InlineData("""{"generators": [{"name": "a", "done": [], "unreadable": []}, {"name": "c", "done": [], "unreadable": []}]}""")]
    public async Task A_damaged_listing_is_no_listing(string content)
    {
        await _listings.PutAsync(TheJob, await EndAsync(), DatasetIdentity.Of, Token);
        var key = await KeysAsync().SingleAsync(Token);
        using (var damaged = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content))) await Store.PutAsync(key, damaged, cancellationToken: Token);

        (await _reader.RecallAsync(TheJob, _listings, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_listing_replaces_the_one_before_and_is_written_once()
    {
        await _listings.PutAsync(TheJob, await EndAsync(), DatasetIdentity.Of, Token);
        var first = await KeysAsync().SingleAsync(Token);
        Finish("a", 0, 1, Start.AddMinutes(9));
        var later = await new ProgressReader(_keys, Log, _time).ReadAsync(TheJob, Token);

        await _listings.PutAsync(TheJob, later, DatasetIdentity.Of, Token);
        var second = await KeysAsync().SingleAsync(Token);
        await Store.PutJsonAsync(second, "", cancellationToken: Token);
        await _listings.PutAsync(TheJob, later, DatasetIdentity.Of, Token);

        second.ShouldNotBe(first);
        (await Store.GetJsonAsync<string>(second, Token)).ShouldBe("");
    }

    [Fact]
    public async Task A_job_that_runs_or_is_small_has_none()
    {
        Finish("a", 0, Batches - 1);
        await _listings.PutAsync(TheJob, await _reader.ReadAsync(TheJob, Token), DatasetIdentity.Of, Token);
        var small = TheJob with { Id = "20261128-120000-00000001", Samples = 2 };
        await Store.PutJsonAsync(ObjectKeys.Done(small.Id, "a", new SampleRange(0, 2)), new string('x', 1_000), cancellationToken: Token);
        await Store.PutJsonAsync(ObjectKeys.Done(small.Id, "a-b", new SampleRange(0, 2)), new string('x', 1_000), cancellationToken: Token);
        var ended = await _reader.ReadAsync(small, Token);
        ended.Settled.ShouldBeTrue();
        await _listings.PutAsync(small, ended, DatasetIdentity.Of, Token);

        (await KeysAsync().AnyAsync(Token)).ShouldBeFalse();
        (await KeysAsync(small).AnyAsync(Token)).ShouldBeFalse();
        (await _reader.RecallAsync(small, _listings, Token)).ShouldBeNull();
    }

    /// <summary>Every batch is finished but one, which failed for good beside a manifest that cannot be read.</summary>
    private async Task<JobProgress> EndAsync()
    {
        Finish("a", 0, Batches);
        Finish("a-b", 1, Batches);
        _keys.Put(ObjectKeys.Unreadable(ObjectKeys.Done(TheJob.Id, "a-b", Batch(0))), Start.AddSeconds(3));
        await Store.PutJsonAsync(ObjectKeys.Dead(TheJob.Id, 0, "a-b", Batch(0)), "", cancellationToken: Token);
        var read = await _reader.ReadAsync(TheJob, Token);
        read.Settled.ShouldBeTrue();
        return read;
    }

    private void Finish(string generator, int from, int to, DateTimeOffset? at = null)
    {
        for (var batch = from; batch < to; batch++)
            _keys.Put(ObjectKeys.Done(TheJob.Id, generator, Batch(batch)), at ?? Start.AddTicks(batch * 17));
    }

    private IAsyncEnumerable<string> KeysAsync(Job? job = null) => Store.ListAsync(ObjectKeys.EndedListingPrefix((job ?? TheJob).Id),
        cancellationToken: Token).Select(static entry => entry.Key);

    private static SampleRange Batch(int number) => new(number * 2, 2);
}
