using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.DeadLetters;

public sealed class DeadLetterRecorderTests : LocalStoreTests
{
    private readonly SqliteBatchQueue _queue;

    public DeadLetterRecorderTests() => _queue = new SqliteBatchQueue(Folder.Combine("queue.db"), maxReceives: 1);

    [Fact]
    public async Task A_range_that_the_queue_gave_up_counts_as_failed_except_for_its_finished_samples()
    {
        var job = await SubmitAsync();
        await Store.PutJsonAsync(ObjectKeys.Done(job.Id, "a", new SampleRange(0, 4)), new string('x', Manifest.MinBytes));
        await LetTheQueueGiveUpAsync(1);

        (await Recorder().RunAsync()).ShouldBeTrue();

        var read = await Progress.ReadAsync(job);
        (read.State, read.Samples.Done, read.Samples.Failed).ShouldBe((JobState.Failed, 4, 6));
        var failure = (await Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed(job.Id, "a", new SampleRange(4, 6))))!;
        (failure.Kind, failure.Message).ShouldBe((FailureKind.Worker, DeadLetter.TooManyReceives));
        // The letter itself stays for people.
        (await _queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Dead_letters_of_a_worker_or_without_a_valid_message_are_left_unchanged()
    {
        var job = await SubmitAsync();
        await _queue.DeadLetters.SendAsync(new OutgoingMessage("""{"type": "a", "start_index": 0, "num_samples": 10, "seed": 1}""", ""), "the worker's reason");
        foreach (var leased in await _queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero)) await _queue.DeleteAsync(leased);
        await _queue.SendAsync([new OutgoingMessage("no message", "")]);
        await LetTheQueueGiveUpAsync(1, before: 1);
        (await Recorder().RunAsync()).ShouldBeFalse();
        (await Progress.ReadAsync(job)).Samples.Failed.ShouldBe(0);
    }

    [Fact]
    public async Task Many_letters_of_others_do_not_hide_one()
    {
        var job = await SubmitAsync();
        for (var i = 0; i < 600; i++) await _queue.DeadLetters.SendAsync(new OutgoingMessage("{}", ""), "malformed");
        await LetTheQueueGiveUpAsync(1, before: 600);
        (await Recorder().RunAsync()).ShouldBeTrue();
        (await Progress.ReadAsync(job)).State.ShouldBe(JobState.Failed);
        // Another process finds nothing to add, and so does not move the end of the job.
        (await Recorder().RunAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task The_recorder_removes_the_dead_letters_that_a_retry_has_sent_again_and_no_others()
    {
        var (retried, other) = (await SubmitAsync(), await SubmitAsync());
        foreach (var leased in await _queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero))
        {
            await _queue.DeadLetters.SendAsync(new OutgoingMessage(leased.Body, leased.Group ?? ""), "the worker's reason");
            await _queue.DeleteAsync(leased);
        }

        await Log.AppendAsync(retried.Id, _ => Log.Event(JobEventType.Retried));
        (await Recorder().RunAsync()).ShouldBeFalse();

        DeadLetterService.JobOf((await _queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem()).ShouldBe(other.Id);
    }

    [Fact]
    public async Task The_recorder_reads_the_dead_letters_only_at_intervals()
    {
        await SubmitAsync();
        var sweep = Recorder();
        (await sweep.RunAsync()).ShouldBeFalse();
        await LetTheQueueGiveUpAsync(1);
        (await sweep.RunAsync()).ShouldBeFalse();
        (await Recorder().RunAsync()).ShouldBeTrue();
    }

    private DeadLetterRecorder Recorder() => new(_queue, _queue.DeadLetters, new FailureStore(Store), Progress, Log, TimeProvider.System, NullLogger<DeadLetterRecorder>.Instance);

    private async Task<Job> SubmitAsync()
    {
        var job = new Job
        {
            Id = $"sweep-{Guid.NewGuid():N}",
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new JobGenerator("a", null)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 1,
            OutputFormat = OutputFormat.Files,
        };
        await new JobStore(Store).CreateAsync(job);
        await new JobSubmitter(_queue, Store, Progress, Log, TimeProvider.System, NullLogger<JobSubmitter>.Instance).SubmitAsync(job);
        return job;
    }

    /// <summary>Takes messages and lets their leases run out, as a worker does that dies of them.</summary>
    private async Task LetTheQueueGiveUpAsync(int count, int before = 0)
    {
        (await _queue.ReceiveAsync(10, TimeSpan.FromMilliseconds(1), TimeSpan.Zero)).Count.ShouldBe(count);
        await Eventually.BeTrueAsync(async () =>
        {
            await _queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero);
            return (await _queue.GetDepthAsync())!.Dead == before + count;
        });
    }
}
