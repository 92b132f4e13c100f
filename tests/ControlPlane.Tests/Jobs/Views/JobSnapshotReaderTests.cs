using Microsoft.Extensions.Time.Testing;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Views;

/// <summary>Readings of a job of 3,000 manifests, which serve others for 0.2 s, and for 0.6 s while the next reading runs.</summary>
public sealed class JobSnapshotReaderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private static readonly Job TheJob = new()
    {
        Id = "20261128-120000-00000000",
        CreatedAt = Start,
        Generators = [new JobGenerator("a")],
        StartIndex = 0,
        Samples = 4_000,
        BatchSize = 1,
        Seed = 1,
        OutputFormat = OutputFormat.Files,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ListedKeys _keys;
    private readonly JobEventLog _log;
    private readonly JobSnapshotReader _reader;
    private readonly EndedListingStore _listings;

    public JobSnapshotReaderTests()
    {
        _keys = new ListedKeys(new FileSystemObjectStore(_folder.Combine("store")), ObjectKeys.DonePrefix(TheJob.Id));
        _log = new JobEventLog(_keys, _time);
        _reader = new JobSnapshotReader(new ProgressReader(_keys, _log, _time), _listings = new EndedListingStore(_keys), _log, new SqliteBatchQueue(_folder.Combine("queue.db"), 3), _time);
        Finish(0, 3_000);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reading_serves_those_who_come_soon_after_it()
    {
        await DoneAsync();
        _time.Advance(TimeSpan.FromMilliseconds(150));

        (await DoneAsync()).ShouldBe(3_000);

        _keys.Lists.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_old_reading_serves_while_one_reader_has_begun_the_next()
    {
        await DoneAsync();
        Finish(3_000, 3_500);
        var goOn = new TaskCompletionSource();
        _keys.Gate = goOn.Task;
        _time.Advance(TimeSpan.FromMilliseconds(300));

        (await DoneAsync()).ShouldBe(3_000);
        (await DoneAsync()).ShouldBe(3_000);
        await Eventually.BeTrueAsync(() => Task.FromResult(_keys.Lists.Count == 2));
        goOn.SetResult();

        await Eventually.BeTrueAsync(async () => await DoneAsync() == 3_500);
        _keys.Lists.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_reading_that_is_three_times_as_old_is_not_served()
    {
        await DoneAsync();
        Finish(3_000, 3_500);
        _time.Advance(TimeSpan.FromMilliseconds(650));
        (await DoneAsync()).ShouldBe(3_500);
    }

    [Fact]
    public async Task A_reading_is_not_served_after_an_event_of_another_process()
    {
        var before = await _reader.ReadAsync(TheJob, TestContext.Current.CancellationToken);
        before.Progress.Control.Paused.ShouldBeFalse();
        var other = new JobEventLog(_keys, _time);
        await other.AppendAsync(TheJob.Id, _ => other.Event(JobEventType.Paused));

        (await _reader.ReadAsync(TheJob, TestContext.Current.CancellationToken)).Progress.Control.Paused.ShouldBeTrue();
    }

    [Fact]
    public async Task A_fresh_reading_sees_what_was_written_before_it()
    {
        await DoneAsync();
        Finish(3_000, 3_500);
        (await _reader.ReadFreshAsync(TheJob, TestContext.Current.CancellationToken)).Progress.Samples.Done.ShouldBe(3_500);
    }

    [Fact]
    public async Task The_first_reading_of_a_large_job_that_has_ended_is_the_stored_one_and_the_next_lists_what_is_there()
    {
        var large = TheJob with { Samples = 5_000 };
        Finish(3_000, 5_000);
        _time.Advance(TimeSpan.FromHours(1));
        await _listings.PutAsync(large, (await _reader.ReadAloneAsync(large, TestContext.Current.CancellationToken)).Progress, DatasetIdentity.Of,
            TestContext.Current.CancellationToken);
        _keys.Remove(ObjectKeys.Done(TheJob.Id, "a", new SampleRange(0, 1)));
        _keys.Lists.Clear();

        (await DoneAsync(large)).ShouldBe(5_000);
        _keys.Lists.ShouldBeEmpty();

        await Eventually.BeTrueAsync(async () => await DoneAsync(large) == 4_999);
        (await _reader.ReadFreshAsync(large, TestContext.Current.CancellationToken)).Progress.Samples.Done.ShouldBe(4_999);
    }

    [Fact]
    public async Task An_answer_after_a_write_shows_the_event_and_lists_no_manifest_of_a_large_job_again()
    {
        var large = TheJob with { Samples = 5_000 };
        await DoneAsync(large);
        _keys.Lists.Clear();

        var before = await _reader.ReadForWriteAsync(large, TestContext.Current.CancellationToken);
        await _log.AppendAsync(large.Id, _ => _log.Event(JobEventType.Cancelled));
        var after = await _reader.ReadAfterWriteAsync(large, before, TestContext.Current.CancellationToken);

        after.Progress.State.ShouldBe(JobState.Cancelled);
        after.Progress.Samples.Done.ShouldBe(3_000);
        _keys.Lists.ShouldBeEmpty();
        (await _reader.ReadAsync(large, TestContext.Current.CancellationToken)).Progress.State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task What_a_request_decides_on_is_read_anew_after_an_event_of_another_process()
    {
        var large = TheJob with { Samples = 5_000 };
        await DoneAsync(large);
        var other = new JobEventLog(_keys, _time);
        await other.AppendAsync(large.Id, _ => other.Event(JobEventType.Paused));

        (await _reader.ReadForWriteAsync(large, TestContext.Current.CancellationToken)).Control.Paused.ShouldBeTrue();
    }

    private async Task<long> DoneAsync(Job job) =>
        (await _reader.ReadAsync(job, TestContext.Current.CancellationToken)).Progress.Samples.Done;

    private async Task<long> DoneAsync() => (await _reader.ReadAsync(TheJob, TestContext.Current.CancellationToken)).Progress.Samples.Done;

    private void Finish(int from, int to)
    {
        for (var i = from; i < to; i++) _keys.Put(ObjectKeys.Done(TheJob.Id, "a", new SampleRange(i, 1)), Start);
    }
}
