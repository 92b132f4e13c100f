using Microsoft.Extensions.Time.Testing;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.Records;

/// <summary>Readings of one process of a job with very many batches.</summary>
public sealed class ManifestListingTests : LocalStoreTests
{
    private const int Batches = 3_000;
    private const int BatchSize = 10;
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    // "a-b" sorts before "a" among keys, and behind it among names.
    private static readonly Job TheJob = new()
    {
        Id = "20261128-120000-00000000",
        CreatedAt = Start,
        Generators = [new JobGenerator("a"), new JobGenerator("a-b")],
        StartIndex = 0,
        Samples = Batches * BatchSize,
        BatchSize = BatchSize,
        Seed = 1,
        OutputFormat = OutputFormat.Files,
    };

    private readonly FakeTimeProvider _time = new(Start);
    private readonly ListedKeys _keys;
    private readonly ProgressReader _reader;

    public ManifestListingTests()
    {
        _keys = new ListedKeys(Store, ObjectKeys.DonePrefix(TheJob.Id));
        _reader = new ProgressReader(_keys, Log, _time);
    }

    [Fact]
    public async Task A_reading_lists_what_lies_behind_the_finished_batches_of_the_one_before()
    {
        Finish("a", 0, 1_200);
        Finish("a-b", 0, 100);
        (await _reader.ReadAsync(TheJob, Token)).Samples.Done.ShouldBe(13_000);
        _keys.Lists.Clear();
        Finish("a", 1_200, 1_300);

        (await _reader.ReadAsync(TheJob, Token)).Samples.Done.ShouldBe(14_000);

        _keys.Lists.ShouldBe([(Prefix("a"), ObjectKeys.Before(Prefix("a"), 12_000)), (Prefix("a-b"), ObjectKeys.Before(Prefix("a-b"), 1_000))],
            ignoreOrder: true);
    }

    [Fact]
    public async Task A_batch_that_was_given_up_is_not_waited_for_until_a_retry_takes_it_up()
    {
        Finish("a", 1, 500);
        await Store.PutJsonAsync(ObjectKeys.Dead(TheJob.Id, 0, "a", Batch(0)), "", cancellationToken: Token);
        await _reader.ReadAsync(TheJob, Token);
        _keys.Lists.Clear();
        await _reader.ReadAsync(TheJob, Token);
        _keys.Lists.ShouldContain((Prefix("a"), ObjectKeys.Before(Prefix("a"), 5_000)));

        await Log.AppendAsync(TheJob.Id, _ => Log.Event(JobEventType.Retried), Token);
        Finish("a", 0, 1);

        (await _reader.ReadAsync(TheJob, Token)).Samples.Done.ShouldBe(5_000);
    }

    [Fact]
    public async Task A_part_of_a_batch_is_seen_also_when_it_begins_before_what_is_finished()
    {
        Finish("a", 0, 500);
        Put("a", new SampleRange(5_000, 4));
        await _reader.ReadAsync(TheJob, Token);
        // The same batch, drawn whole by another worker.
        Finish("a", 500, 501);

        (await _reader.ReadAsync(TheJob, Token)).Samples.Done.ShouldBe(5_010);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_that_is_put_aside_is_noticed_ten_seconds_after_an_event_and_after_five_minutes(bool byEvent)
    {
        Finish("a", 0, 500);
        await _reader.ReadAsync(TheJob, Token);
        var key = ObjectKeys.Done(TheJob.Id, "a", Batch(3));
        _keys.Remove(key);
        _keys.Put(ObjectKeys.Unreadable(key), Start);

        if (byEvent) await Log.AppendAsync(TheJob.Id, _ => Log.Event(JobEventType.Paused), Token);
        _time.Advance(byEvent ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(5));

        var read = await _reader.ReadAsync(TheJob, Token);
        read.Samples.Done.ShouldBe(4_990);
        read.Unreadable.ShouldHaveSingleItem().Range.ShouldBe(Batch(3));
    }

    [Fact]
    public async Task The_end_of_a_job_is_the_same_for_a_process_that_followed_it_and_for_another()
    {
        Finish("a", 0, Batches);
        Finish("a-b", 0, Batches - 1);
        (await _reader.ReadAsync(TheJob, Token)).State.ShouldNotBe(JobState.Succeeded);
        // A second delivery replaces a manifest that is not listed any more.
        Finish("a", 0, 1, Start.AddSeconds(7));
        Finish("a-b", Batches - 1, Batches);

        var followed = await _reader.ReadAsync(TheJob, Token);
        var other = await new ProgressReader(_keys, Log, _time).ReadAsync(TheJob, Token);

        followed.State.ShouldBe(JobState.Succeeded);
        DatasetIdentity.Of(followed).ShouldBe(DatasetIdentity.Of(other));
        followed.Done.ShouldBe(other.Done);
        followed.Done.Select(static each => each.Generator).Distinct().ShouldBe(["a-b", "a"]);
    }

    private void Finish(string generator, int from, int to, DateTimeOffset? at = null)
    {
        for (var batch = from; batch < to; batch++) Put(generator, Batch(batch), at);
    }

    private void Put(string generator, SampleRange range, DateTimeOffset? at = null) =>
        _keys.Put(ObjectKeys.Done(TheJob.Id, generator, range), at ?? Start);

    private static SampleRange Batch(int number) => new(number * BatchSize, BatchSize);

    private static string Prefix(string generator) => ObjectKeys.DonePrefix(TheJob.Id, generator);
}
