using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.DeadLetters;

/// <summary>The dead-letter service works alike on both backends.</summary>
public abstract class DeadLetterServiceContract
{
    private readonly string _job = $"job-{Guid.NewGuid():N}";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IBatchQueue Queue { get; }

    protected abstract IDeadLetterQueue DeadLetters { get; }

    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Dead_letters_of_a_halted_job_stay_and_say_why()
    {
        await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await Log.AppendAsync(_job, _ => Log.Event(JobEventType.Cancelled), Token);

        var refused = await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token);

        refused.Taken.ShouldBe(0);
        refused.Refused.ShouldHaveSingleItem().Reason.ShouldContain("was cancelled, paused, stopped or deleted");
        (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem();
        (await Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_of_an_earlier_generation_is_sent_in_the_newest()
    {
        var job = await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await Log.AppendAsync(_job, _ => Log.Event(JobEventType.Paused), Token);
        await Log.AppendAsync(_job, _ => Log.Event(JobEventType.Resumed), Token);
        await DeadLetterAsync(_job, "a", new SampleRange(4, 4), generation: 2);

        (await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token)).ShouldBe((2, false));

        (await ReceiveAsync(2)).Select(static message => BatchMessageParser.Parse(message.Body).Message!.Generation).ShouldBe([2, 2]);
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(0);
    }

    [Fact]
    public async Task The_dead_letters_before_a_generation_can_be_removed_alone()
    {
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await DeadLetterAsync(_job, "a", new SampleRange(4, 4), generation: 3);
        (await Service().RemoveAsync(new DeadLetterFilter { JobId = _job, BeforeGeneration = 3 }, cancellationToken: Token)).ShouldBe((1, false));
        BatchMessageParser.Parse((await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem().Body).Message!.Generation.ShouldBe(3);
    }

    private JobEventLog Log => field ??= new JobEventLog(Store, TimeProvider.System);

    [Fact]
    public async Task A_jobs_dead_letters_are_sent_with_all_their_attempts_and_the_job_runs_again()
    {
        var job = await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await DeadLetterAsync(_job, "b", new SampleRange(4, 1));
        await DeadLetterAsync("other", "a", new SampleRange(0, 4));
        await DeadLetters.SendAsync(new OutgoingMessage("no message", _job), "malformed", Token);
        await DeadLetters.SendAsync(new OutgoingMessage("nobody's", ""), "malformed", Token);
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(5);

        (await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token)).ShouldBe((3, false));

        var progress = await Progress.ReadAsync(job, Token);
        (progress.Samples.Failed, progress.State).ShouldBe((0, JobState.Running));
        var sent = await ReceiveAsync(3);
        sent.ShouldAllBe(message => message.Group == _job);
        sent.Single(static message => message.Body[0] != '{').Body.ShouldBe("no message");
        sent.Select(static message => BatchMessageParser.Parse(message.Body).Message).OfType<BatchMessage>().OrderBy(static message => message.StartIndex)
            .Select(static message => (message.Generator, message.Range, message.Attempt, message.Seed, message.OutputFormat))
            .ShouldBe([("a", new SampleRange(0, 4), 1, 7, OutputFormat.WebDataset), ("b", new SampleRange(4, 1), 1, 7, OutputFormat.WebDataset)]);
        (await DeadLetters.PeekAsync(10, Token)).Select(DeadLetterService.JobOf).ShouldBe(["other", null], ignoreOrder: true);
        (await Progress.DeadAsync("other", Token)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_redrive_that_breaks_off_leaves_the_dead_letter_and_the_next_one_completes_it()
    {
        var job = await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        var dying = new DeadLetterService(DeadLetters, new Redrive(Queue, new UndeletableStore(Store), Log), Recorder(), NullLogger<DeadLetterService>.Instance);

        var refused = await dying.RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token);

        refused.Taken.ShouldBe(0);
        refused.Refused.ShouldHaveSingleItem().Reason.ShouldBe("killed");
        (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem();
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(4);
        (await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token)).ShouldBe((1, false));
        (await DeadLetters.PeekAsync(10, Token)).ShouldBeEmpty();
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(0);
        (await ReceiveAsync(1)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_crash_after_the_message_was_sent_leaves_the_dead_letter_and_the_next_redrive_doubles_only_the_message()
    {
        var job = await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        var redrive = new Redrive(Queue, Store, Log);
        await Should.ThrowAsync<IOException>(() => DeadLetters.WalkAsync(async deadLetter =>
        {
            await redrive.RunAsync(deadLetter, redrive.NewIndex());
            throw new IOException("killed");
        }, cancellationToken: Token));

        (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem();
        (await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token)).ShouldBe((1, false));
        (await DeadLetters.PeekAsync(10, Token)).ShouldBeEmpty();
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(0);
        (await ReceiveAsync(2)).Select(static message => message.Body).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Dead_letters_that_are_kept_do_not_hide_those_behind_them()
    {
        await CreateAsync();
        for (var i = 0; i < 110; i++)
            await DeadLetters.SendAsync(new OutgoingMessage(Message("b", new SampleRange(i, 1)).ToJson(), _job), "why", Token);
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await Log.AppendAsync(_job, _ => Log.Event(JobEventType.Stopped) with { Generator = "b" }, Token);

        var counts = await Service().RedriveAsync(new DeadLetterFilter { JobId = _job }, cancellationToken: Token);

        (counts.Taken, counts.More).ShouldBe((1, false));
    }

    [Fact]
    public async Task A_single_dead_letter_is_chosen_by_its_id()
    {
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await DeadLetterAsync(_job, "a", new SampleRange(4, 4));
        var deadLetters = await DeadLetters.PeekAsync(10, Token);

        (await Service().RedriveAsync(new DeadLetterFilter { Id = deadLetters[0].Id }, cancellationToken: Token)).ShouldBe((1, false));
        (await Service().RemoveAsync(new DeadLetterFilter { Id = deadLetters[0].Id }, cancellationToken: Token)).ShouldBe((0, false));

        (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem().Id.ShouldBe(deadLetters[1].Id);
        (await ReceiveAsync(1)).ShouldHaveSingleItem();
        (await Progress.DeadAsync(_job, Token)).ShouldHaveSingleItem().Range.ShouldBe(new SampleRange(4, 4));
    }

    [Fact]
    public async Task Removed_dead_letters_are_gone_and_their_samples_stay_failed()
    {
        var job = await CreateAsync();
        await DeadLetterAsync(_job, "a", new SampleRange(0, 4));
        await DeadLetterAsync(_job, "b", new SampleRange(0, 4));
        await DeadLetterAsync("other", "a", new SampleRange(0, 4));

        (await Service().RemoveAsync(new DeadLetterFilter { JobId = _job, Generator = "a" }, cancellationToken: Token)).ShouldBe((1, false));

        var left = await DeadLetters.PeekAsync(10, Token);
        left.Select(static each => (DeadLetterService.JobOf(each), BatchMessageParser.Parse(each.Body).Message!.Generator))
            .ShouldBe([(_job, "b"), ("other", "a")], ignoreOrder: true);
        (await Progress.ReadAsync(job, Token)).Samples.Failed.ShouldBe(8);
        (await Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, Token)).ShouldBeEmpty();
        (await Service().ListAsync(_job, 10, cancellationToken: Token)).ShouldHaveSingleItem();
    }

    private ProgressReader Progress => new(Store, Log, TimeProvider.System);

    private DeadLetterService Service() => new(DeadLetters, new Redrive(Queue, Store, Log), Recorder(), NullLogger<DeadLetterService>.Instance);

    private DeadLetterRecorder Recorder() => new(Queue, DeadLetters, new FailureStore(Store), Progress, Log, TimeProvider.System, NullLogger<DeadLetterRecorder>.Instance);

    private async Task<Job> CreateAsync()
    {
        var job = new Job
        {
            Id = _job,
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new JobGenerator("a", null), new JobGenerator("b", null)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 7,
            OutputFormat = OutputFormat.WebDataset,
        };
        await new JobStore(Store).CreateAsync(job, Token);
        await Store.PutAsync(ObjectKeys.Sent(job.Id, 0, 2), new MemoryStream(), cancellationToken: Token);
        return job;
    }

    private BatchMessage Message(string generator, SampleRange range) => new()
    {
        Generator = generator,
        StartIndex = range.Start,
        NumSamples = range.Count,
        Seed = 7,
        JobId = _job,
        OutputFormat = OutputFormat.WebDataset,
        Attempt = 3,
        Generation = 0,
    };

    /// <summary>What a worker does with a range that failed three times.</summary>
    private async Task DeadLetterAsync(string job, string generator, SampleRange range, int generation = 0)
    {
        var message = Message(generator, range) with { JobId = job, Generation = generation };
        await new FailureStore(Store).DeadLetterAsync(job, generation, FailureRecord.Of(message, range, FailureKind.Raised, "why", DateTimeOffset.UtcNow));
        await DeadLetters.SendAsync(new OutgoingMessage(message.ToJson(), job), "why", Token);
    }

    private async Task<List<LeasedMessage>> ReceiveAsync(int count)
    {
        List<LeasedMessage> received = [];
        await Eventually.BeTrueAsync(async () =>
        {
            received.AddRange(await Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), Token));
            return received.Count >= count;
        });
        received.Count.ShouldBe(count);
        return received;
    }

    /// <summary>Fails where a record is deleted, which is before the message is sent.</summary>
    private sealed class UndeletableStore(IObjectStore inner) : ForwardingStore(inner)
    {
        public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => throw new IOException("killed");

        public override Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) => throw new IOException("killed");
    }
}

internal static class CountsAssertions
{
    public static void ShouldBe(this DeadLetterCounts counts, (int Taken, bool More) expected)
    {
        counts.Refused.ShouldBeEmpty();
        (counts.Taken, counts.More).ShouldBe(expected);
    }
}
