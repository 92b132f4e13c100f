using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Jobs;

public class JobProgressTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    // Two generators, indices 10 to 40, batches of 10.
    private static readonly Job TheJob = new()
    {
        Id = "j",
        CreatedAt = Start,
        Generators = [new("a", "1"), new("b", "1")],
        StartIndex = 10,
        Samples = 30,
        BatchSize = 10,
        Seed = 0,
        OutputFormat = OutputFormat.Files,
    };

    [Fact]
    public void A_job_is_submitting_before_all_its_messages_are_sent() => Of(sent: 5).State.ShouldBe(JobState.Submitting);

    [Fact]
    public void A_job_with_samples_left_is_running()
    {
        var progress = Of(done: [Mark("a", 10, 10)], dead: [Mark("b", 10, 10)]);
        progress.State.ShouldBe(JobState.Running);
        progress.Samples.ShouldBe(new Counts(60, 10, 10));
        progress.Batches.ShouldBe(new Counts(6, 1, 1));
        progress.Generators[1].Samples.ShouldBe(new Counts(30, 0, 10));
    }

    [Fact]
    public void A_job_with_every_sample_done_has_succeeded() =>
        Of(done: [Mark("a", 10, 30), Mark("b", 10, 5), Mark("b", 15, 25)]).State.ShouldBe(JobState.Succeeded);

    [Fact]
    public void A_job_with_a_dead_sample_and_the_rest_done_has_failed()
    {
        var progress = Of(done: [Mark("a", 10, 30), Mark("b", 10, 4), Mark("b", 15, 25)], dead: [Mark("b", 14, 1)]);
        progress.State.ShouldBe(JobState.Failed);
        progress.Samples.ShouldBe(new Counts(60, 59, 1));
        progress.Batches.ShouldBe(new Counts(6, 5, 1));
    }

    [Fact]
    public void Overlapping_and_foreign_ranges_do_not_count_twice()
    {
        var progress = Of(done: [Mark("a", 10, 10), Mark("a", 15, 10), Mark("a", 10, 10), Mark("a", 0, 5), Mark("other", 10, 30)]);
        progress.Samples.Done.ShouldBe(15);
    }

    [Fact]
    public void A_manifest_wins_over_a_dead_letter() =>
        Of(done: [Mark("a", 10, 30), Mark("b", 10, 30)], dead: [Mark("b", 10, 10)]).State.ShouldBe(JobState.Succeeded);

    [Fact]
    public void The_rate_is_that_of_the_last_minutes_while_running_and_of_the_whole_after()
    {
        var now = Start.AddMinutes(10);
        var running = Of(6, [Mark("a", 10, 10, 1), Mark("a", 20, 6, 9)], [], now);
        running.SamplesPerSecond.ShouldNotBeNull().ShouldBe(6 / 120.0, 1e-9);
        var ended = Of(6, [Mark("a", 10, 30, 1), Mark("b", 10, 30, 4)], [], now);
        ended.SamplesPerSecond.ShouldNotBeNull().ShouldBe(60 / 240.0, 1e-9);
        Of().SamplesPerSecond.ShouldBeNull();
    }

    [Fact]
    public void Halted_work_ends_the_job_only_where_samples_are_missing()
    {
        var (cancelled, stopped) = (Event(JobEventType.Cancelled), Event(JobEventType.Stopped));
        Of(events: cancelled).State.ShouldBe(JobState.Cancelled);
        Of(events: cancelled).LastChangeAt.ShouldBe(cancelled.At);
        Of(done: [Mark("a", 10, 30), Mark("b", 10, 30)], events: cancelled).State.ShouldBe(JobState.Succeeded);
        Of(events: stopped).State.ShouldBe(JobState.Failed);
        Of(events: Event(JobEventType.Paused)).State.ShouldBe(JobState.Paused);
        Of(events: [Event(JobEventType.Paused), cancelled]).State.ShouldBe(JobState.Cancelled);
        Of(done: [Mark("a", 10, 30)], events: Event(JobEventType.Stopped, "b")).State.ShouldBe(JobState.Failed);
        Of(events: Event(JobEventType.Stopped, "b")).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public void Halted_work_settles_before_its_end_is_told_and_what_comes_later_moves_no_end()
    {
        var cancelled = Event(JobEventType.Cancelled);
        var settled = cancelled.At + HaltTiming.Local.SettleTime;
        RangeEntry[] last = [Mark("a", 10, 10) with { At = cancelled.At.AddSeconds(2) }];
        RangeEntry[] late = [.. last, Mark("a", 20, 10) with { At = settled.AddSeconds(1) }];

        Of(done: last, now: settled.AddMilliseconds(-1), events: cancelled).Settled.ShouldBeFalse();
        Of(done: last, now: settled, events: cancelled).Settled.ShouldBeTrue();
        Of(done: last, now: settled, events: cancelled).LastChangeAt.ShouldBe(last[0].At);
        Of(done: late, now: settled.AddMinutes(1), events: cancelled).LastChangeAt.ShouldBe(last[0].At);
        Of(done: late, now: settled.AddMinutes(1), events: cancelled).Samples.Done.ShouldBe(20);
        // Nothing is left that could still come.
        Of(done: [Mark("a", 10, 30), Mark("b", 10, 30)], now: cancelled.At, events: cancelled).Settled.ShouldBeTrue();
        Of(now: settled, events: [cancelled, Event(JobEventType.Retried)]).Settled.ShouldBeFalse();
        Of(now: settled, events: Event(JobEventType.Paused)).Settled.ShouldBeFalse();
    }

    [Fact]
    public void A_generator_that_changed_is_noted_and_changes_nothing_else()
    {
        var read = Of(sent: 6, events: Event(JobEventType.GeneratorChanged, "a") with { Version = "2" });
        read.State.ShouldBe(JobState.Running);
        read.Control.Changes.ShouldHaveSingleItem().Version.ShouldBe("2");
        read.Control.For("a").Generation.ShouldBe(0);
    }

    [Fact]
    public void A_round_that_is_not_sent_yet_is_submitting_and_takes_up_what_was_given_up()
    {
        var read = Of(dead: [Mark("a", 10, 10), Mark("b", 10, 10)], events: Event(JobEventType.Retried, "b"));
        read.State.ShouldBe(JobState.Submitting);
        read.Samples.ShouldBe(new Counts(60, 0, 10));
    }

    private static JobEvent Event(JobEventType verb, string? generator = null) =>
        new() { Number = 0, Type = verb, Generator = generator, At = Start.AddSeconds(50) };

    private static JobProgress Of(int sent = 6, RangeEntry[]? done = null, RangeEntry[]? dead = null, DateTimeOffset? now = null, params JobEvent[] events) =>
        JobProgress.Of(TheJob, JobControlState.Of([.. events.Select((each, i) => each with { Number = i + 1 })]),
            new JobListing(new Dictionary<int, DispatchCheckpoint> { [0] = new(sent, Start, Paused: false) }, done ?? [], dead ?? []), now ?? Start.AddMinutes(1));

    private static RangeEntry Mark(string generator, int start, int count, double minute = 0.5) =>
        new(generator, new SampleRange(start, count), Start.AddMinutes(minute));
}
