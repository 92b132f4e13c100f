using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Dispatch;

public sealed class JobSubmitterTests : LocalStoreTests
{
    private readonly SqliteBatchQueue _queue;

    public JobSubmitterTests() => _queue = new SqliteBatchQueue(Folder.Combine("queue.db"), 3);

    [Fact]
    public async Task The_messages_are_the_job_in_turns_and_a_second_submission_adds_none()
    {
        var job = await CreateAsync(samples: 25, batchSize: 10);
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        (await DrainAsync()).Select(static m => (m.Generator, m.StartIndex, m.NumSamples, m.Seed, m.JobId)).ShouldBe([
            ("a", 0, 10, 7, job.Id), ("b", 0, 10, 7, job.Id), ("a", 10, 10, 7, job.Id),
            ("b", 10, 10, 7, job.Id), ("a", 20, 5, 7, job.Id), ("b", 20, 5, 7, job.Id)]);
    }

    [Fact]
    public async Task A_paused_submission_stops_at_a_check_point_and_anyone_goes_on_at_once()
    {
        var job = await CreateAsync(samples: 15_000, batchSize: 1);
        await Submitter(_queue).SubmitAsync(job, pause: new CancellationToken(canceled: true), Token);
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Submitting);
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(10_000, 0, 0));

        (await Submitter(_queue).ResumeAsync(job, cancellationToken: Token)).ShouldBeTrue();

        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(30_000, 0, 0));
    }

    [Fact]
    public async Task Senders_that_resume_at_the_same_time_send_each_message_once()
    {
        var job = await CreateAsync(samples: 15_000, batchSize: 1);
        (await Submitter(_queue).SubmitAsync(job, pause: new CancellationToken(canceled: true), Token)).ShouldBeFalse();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Submitter(_queue).ResumeAsync(job, cancellationToken: Token)));

        (await Submitter(_queue).IsCompleteAsync(job, Token)).ShouldBeTrue();
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(30_000, 0, 0));
    }

    [Fact]
    public async Task A_claim_of_a_dead_sender_lapses()
    {
        var job = await CreateAsync(samples: 10, batchSize: 1);
        await Store.PutAsync(ObjectKeys.SentClaim(job.Id, 0, 0), new MemoryStream(), cancellationToken: Token);

        (await Submitter(_queue).SubmitAsync(job, cancellationToken: Token)).ShouldBeFalse();
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(0, 0, 0));
        await Submitter(_queue).ResumeAsync(job, TimeSpan.Zero, cancellationToken: Token);

        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(20, 0, 0));
    }

    [Fact]
    public async Task A_submission_that_died_in_its_middle_is_completed_without_a_hole()
    {
        var job = await CreateAsync(samples: 15_000, batchSize: 1);
        var dying = new DyingQueue(_queue, afterSends: 2);
        await Should.ThrowAsync<IOException>(() => Submitter(dying).SubmitAsync(job, cancellationToken: Token));
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Submitting);

        // A submission that shows signs of life is left alone; one that does not is completed.
        (await Submitter(_queue).ResumeAsync(job, TimeSpan.FromHours(1), cancellationToken: Token)).ShouldBeFalse();
        (await Submitter(_queue).ResumeAsync(job, TimeSpan.Zero, cancellationToken: Token)).ShouldBeTrue();
        (await Submitter(_queue).ResumeAsync(job, TimeSpan.Zero, cancellationToken: Token)).ShouldBeFalse();

        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);
        var depth = await _queue.GetDepthAsync(job.Id, Token);
        depth.ShouldBe(new QueueDepth(30_000, 0, 0));
    }

    [Fact]
    public async Task A_retry_sends_exactly_what_is_missing_in_parts_that_know_their_batch()
    {
        var job = await CreateAsync(samples: 30, batchSize: 10);
        await DoneAsync(job, "a", 0, 13);
        await DoneAsync(job, "a", 15, 15);
        await DoneAsync(job, "b", 0, 30);
        await DeadAsync(job, "a", 13, 1);
        await RecordAsync(job, Log.Event(JobEventType.Retried) with { TimeoutSeconds = 9 });

        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);

        var message = (await DrainAsync()).ShouldHaveSingleItem();
        (message.Generator, message.StartIndex, message.NumSamples, message.BatchStart, message.Generation, message.TimeoutSeconds, message.Attempt)
            .ShouldBe(("a", 13, 2, 10, 1, 9, 1));
        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task A_resumption_leaves_alone_what_was_given_up()
    {
        var job = await CreateAsync(samples: 30, batchSize: 10);
        await DoneAsync(job, "a", 0, 30);
        await DoneAsync(job, "b", 0, 10);
        await DeadAsync(job, "b", 12, 1);
        await RecordAsync(job, Log.Event(JobEventType.Paused));
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        (await DrainAsync()).ShouldBeEmpty();
        await RecordAsync(job, Log.Event(JobEventType.Resumed));

        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);

        (await DrainAsync()).Select(static m => (m.Generator, m.StartIndex, m.NumSamples, m.BatchStart, m.Generation)).ShouldBe(
            [("b", 10, 2, null, 2), ("b", 13, 7, 10, 2), ("b", 20, 10, null, 2)]);
    }

    [Fact]
    public async Task A_retry_of_ranges_sends_these_and_what_else_is_missing_and_leaves_alone_what_else_was_given_up()
    {
        var job = await CreateAsync(samples: 30, batchSize: 10);
        await DoneAsync(job, "a", 0, 20);
        await DeadAsync(job, "a", 22, 1);
        await DeadAsync(job, "a", 24, 2);
        await DeadAsync(job, "b", 0, 1);
        await RecordAsync(job, Log.Event(JobEventType.Retried) with { Generator = "a", Ranges = [new SampleRange(24, 2)], TimeoutSeconds = 9 });

        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);

        (await DrainAsync()).Where(static m => m.Generator == "a").Select(static m => (m.StartIndex, m.NumSamples, m.BatchStart, m.Generation, m.TimeoutSeconds))
            .ShouldBe([(20, 2, null, 1, 9), (23, 7, 20, 1, 9)]);
        var read = await Progress.ReadAsync(job, Token);
        read.GivenUp["a"].ShouldBe([new SampleRange(22, 1)]);
        read.GivenUp["b"].ShouldBe([new SampleRange(0, 1)]);
        read.State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task A_resumption_keeps_the_time_limit_of_the_retry_before_it()
    {
        var job = await CreateAsync(samples: 10, batchSize: 10);
        await RecordAsync(job, Log.Event(JobEventType.Retried) with { Generator = "b", TimeoutSeconds = 9 });
        await RecordAsync(job, Log.Event(JobEventType.Paused));
        await RecordAsync(job, Log.Event(JobEventType.Resumed));
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        (await DrainAsync()).Select(static m => (m.Generator, m.TimeoutSeconds, m.Generation)).ShouldBe([("a", null, 3), ("b", 9, 3)]);
    }

    [Fact]
    public async Task A_retry_of_one_generator_is_a_round_of_its_own_and_dies_and_is_completed_as_any()
    {
        var job = await CreateAsync(samples: 25_000, batchSize: 1);
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        await RecordAsync(job, Log.Event(JobEventType.Retried) with { Generator = "b" });
        await Should.ThrowAsync<IOException>(() => Submitter(new DyingQueue(_queue, afterSends: 1)).SubmitAsync(job, cancellationToken: Token));
        (await Progress.ReadAsync(job, Token)).Generators.Select(static generator => generator.State).ShouldBe([JobState.Running, JobState.Submitting]);

        (await Submitter(_queue).ResumeAsync(job, TimeSpan.Zero, cancellationToken: Token)).ShouldBeTrue();

        (await Progress.ReadAsync(job, Token)).State.ShouldBe(JobState.Running);
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(50_000 + 25_000, 0, 0));
    }

    [Fact]
    public async Task A_sending_ends_when_its_job_is_cancelled()
    {
        var job = await CreateAsync(samples: 30_000, batchSize: 1);
        var cancelling = new WatchedQueue(_queue, () => RecordAsync(job, Log.Event(JobEventType.Cancelled)));
        await Submitter(cancelling).SubmitAsync(job, cancellationToken: Token);
        (await _queue.GetDepthAsync(job.Id, Token)).ShouldBe(new QueueDepth(10_000, 0, 0));
        (await Submitter(_queue).ResumeAsync(job, TimeSpan.Zero, cancellationToken: Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_removed_job_leaves_nothing_but_its_events()
    {
        var job = await CreateAsync(samples: 30, batchSize: 10);
        var other = await CreateAsync(samples: 30, batchSize: 10, DateTimeOffset.UtcNow.AddSeconds(1));
        await Submitter(_queue).SubmitAsync(job, cancellationToken: Token);
        await DoneAsync(job, "a", 0, 13);
        await DeadAsync(job, "a", 13, 1);
        await RecordAsync(job, Log.Event(JobEventType.Deleted));

        (await Remover().RemoveAsync(job.Id, job, pause: new CancellationToken(canceled: true), Token)).ShouldBeFalse();
        (await new JobStore(Store).FindAsync(job.Id, Token)).ShouldNotBeNull();
        (await Remover().RemoveAsync(job.Id, job, cancellationToken: Token)).ShouldBeTrue();

        (await Store.ListAsync(ObjectKeys.JobPrefix(job.Id), cancellationToken: Token).Select(static entry => entry.Key).ToListAsync(Token))
            .ShouldBe([ObjectKeys.Control(job.Id, 1)]);
        (await new JobStore(Store).ListAsync(cancellationToken: Token).Select(static each => each.Id).ToListAsync(Token)).ShouldBe([other.Id]);
        // A worker that had not seen it stores something late.
        await DoneAsync(job, "b", 0, 13);
        (await Remover().RemoveAsync(job.Id, null, cancellationToken: Token)).ShouldBeTrue();
        (await Store.ListAsync(ObjectKeys.JobPrefix(job.Id), cancellationToken: Token).CountAsync(Token)).ShouldBe(1);
        (await new JobStore(Store).FindAsync(other.Id, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_and_a_list_goes_on_behind_any_of_them()
    {
        List<string> created = [];
        for (var i = 0; i < 5; i++) created.Add((await CreateAsync(1, 1, DateTimeOffset.UtcNow.AddSeconds(i))).Id);
        created.Reverse();
        var listed = await new JobStore(Store).ListAsync(cancellationToken: Token).ToListAsync(Token);
        listed.Select(static job => job.Id).ShouldBe(created);
        var rest = await new JobStore(Store).ListAsync(listed[1].Cursor, Token).ToListAsync(Token);
        rest.Select(static job => job.Id).ShouldBe(created[2..]);
    }

    [Fact]
    public async Task A_marker_without_record_is_no_job()
    {
        using var empty = new MemoryStream();
        await Store.PutAsync(ObjectKeys.Submitted(DateTimeOffset.UtcNow, "ghost"), empty, cancellationToken: Token);
        (await Jobs.ListAsync(cancellationToken: Token).ToListAsync(Token)).ShouldBeEmpty();
        (await Jobs.FindAsync("ghost", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_id_can_be_taken_once_but_a_repeated_write_meets_itself()
    {
        var job = await CreateAsync(1, 1);
        await Jobs.CreateAsync(job, Token);
        await Should.ThrowAsync<InvalidOperationException>(() => Jobs.CreateAsync(job with { CreatedAt = job.CreatedAt.AddSeconds(1) }, Token));
    }

    private async Task RecordAsync(Job job, JobEvent each) => await Log.AppendAsync(job.Id, _ => each, Token);

    private Task<bool> DoneAsync(Job job, string generator, int start, int count) =>
        Store.PutJsonAsync(ObjectKeys.Done(job.Id, generator, new SampleRange(start, count)), new string('x', Manifest.MinBytes), cancellationToken: Token);

    private Task DeadAsync(Job job, string generator, int start, int count) => PutEmptyAsync(ObjectKeys.Dead(job.Id, 0, generator, new SampleRange(start, count)));

    private async Task PutEmptyAsync(string key)
    {
        using var empty = new MemoryStream();
        await Store.PutAsync(key, empty, cancellationToken: Token);
    }

    private JobRemover Remover() => new(Store, Jobs, Log, TimeProvider.System);

    private JobSubmitter Submitter(IBatchQueue queue) =>
        new(queue, Store, Progress, Log, TimeProvider.System, NullLogger<JobSubmitter>.Instance);

    private async Task<Job> CreateAsync(int samples, int batchSize, DateTimeOffset? at = null)
    {
        var now = at ?? DateTimeOffset.UtcNow;
        var job = new Job
        {
            Id = JobId.New(now),
            CreatedAt = now,
            Generators = [new("a", null), new("b", null)],
            StartIndex = 0,
            Samples = samples,
            BatchSize = batchSize,
            Seed = 7,
            OutputFormat = OutputFormat.Files,
        };
        await Jobs.CreateAsync(job, Token);
        return job;
    }

    private async Task<List<BatchMessage>> DrainAsync()
    {
        List<BatchMessage> messages = [];
        while (await _queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, cancellationToken: Token) is { Count: > 0 } some)
            messages.AddRange(some.Select(static leased => BatchMessageParser.Parse(leased.Body).Message!));
        return messages;
    }

    /// <summary>Lets something happen after each send.</summary>
    private sealed class WatchedQueue(IBatchQueue inner, Func<Task> afterSend) : PassingQueue(inner)
    {
        public override async Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
        {
            await base.SendAsync(messages, cancellationToken);
            await afterSend();
        }
    }

    /// <summary>Takes some sends and then fails, as a process that is killed between two of them.</summary>
    private sealed class DyingQueue(IBatchQueue inner, int afterSends) : PassingQueue(inner)
    {
        private int _sends;

        public override Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) =>
            _sends++ < afterSends ? base.SendAsync(messages, cancellationToken) : throw new IOException("killed");
    }

    private abstract class PassingQueue(IBatchQueue inner) : IBatchQueue
    {
        public bool ChoosesGroups => inner.ChoosesGroups;

        public virtual Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) => inner.SendAsync(messages, cancellationToken);

        public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) => inner.ReceiveAsync(max, lease, wait, except, cancellationToken);

        public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => inner.RenewAsync(message, lease, cancellationToken);

        public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => inner.DeleteAsync(message, cancellationToken);

        public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) => inner.GetDepthAsync(group, cancellationToken);
    }
}
