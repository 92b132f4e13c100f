using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Jobs;

public class JobControlTests
{
    [Fact]
    public void A_job_without_events_drops_no_message()
    {
        JobControlState.None.Drops(Message("a", generation: 0)).ShouldBeFalse();
        JobControlState.None.Drops(Message("a", generation: null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(JobEventType.Cancelled)]
    [InlineData(JobEventType.Paused)]
    [InlineData(JobEventType.Stopped)]
    [InlineData(JobEventType.Deleted)]
    public void A_cancelled_paused_stopped_or_deleted_job_drops_every_message(JobEventType verb)
    {
        var control = Of((verb, null));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.Drops(Message("a", null)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(JobEventType.Resumed)]
    [InlineData(JobEventType.Retried)]
    public void A_resumption_or_retry_makes_earlier_messages_stale_and_accepts_those_sent_by_hand(JobEventType verb)
    {
        var control = Of((JobEventType.Paused, null), (verb, null));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.Drops(Message("a", 1)).ShouldBeTrue();
        control.Drops(Message("a", 2)).ShouldBeFalse();
        control.Drops(Message("a", null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(JobEventType.Cancelled)]
    [InlineData(JobEventType.Paused)]
    [InlineData(JobEventType.Stopped)]
    public void A_reading_without_the_newest_events_does_not_drop_the_messages_they_sent(JobEventType verb)
    {
        var before = Of((verb, null));
        before.Drops(Message("a", generation: 2)).ShouldBeFalse();
        before.Drops(Message("a", generation: 0)).ShouldBeTrue();
    }

    [Fact]
    public void A_retry_of_one_generator_leaves_the_others_as_they_were()
    {
        var control = Of((JobEventType.Cancelled, null), (JobEventType.Retried, "b"));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.For("a").Halt!.Type.ShouldBe(JobEventType.Cancelled);
        control.Drops(Message("b", 2)).ShouldBeFalse();
        control.Drops(Message("b", 0)).ShouldBeTrue();
    }

    [Fact]
    public void A_generator_that_stopped_stops_alone_until_it_is_retried()
    {
        var stopped = Of((JobEventType.Stopped, "b"));
        stopped.Drops(Message("a", 0)).ShouldBeFalse();
        stopped.Drops(Message("b", 0)).ShouldBeTrue();
        Of((JobEventType.Stopped, "b"), (JobEventType.Retried, null)).Drops(Message("b", 2)).ShouldBeFalse();
    }

    [Fact]
    public void A_dead_range_counts_until_a_retry_of_its_generator()
    {
        var dead = new RangeEntry("a", new SampleRange(0, 1), DateTimeOffset.UnixEpoch, Generation: 0);
        Of((JobEventType.Paused, null), (JobEventType.Resumed, null)).IsCounted(dead).ShouldBeTrue();
        Of((JobEventType.Retried, "b")).IsCounted(dead).ShouldBeTrue();
        Of((JobEventType.Retried, "a")).IsCounted(dead).ShouldBeFalse();
        Of((JobEventType.Retried, null)).IsCounted(dead with { Generation = 1 }).ShouldBeTrue();
    }

    [Fact]
    public void A_retry_of_ranges_takes_up_these_alone_until_they_are_given_up_again()
    {
        var control = Of((JobEventType.Paused, null), (JobEventType.Resumed, null)).With(Retried(3, "a", new SampleRange(4, 2), new SampleRange(9, 1)));
        var dead = new RangeEntry("a", new SampleRange(4, 2), DateTimeOffset.UnixEpoch, Generation: 0);
        control.IsCounted(dead).ShouldBeFalse();
        control.IsCounted(dead with { Range = new SampleRange(5, 1), Generation = 2 }).ShouldBeFalse();
        control.IsCounted(dead with { Generation = 3 }).ShouldBeTrue();
        control.IsCounted(dead with { Range = new SampleRange(6, 3) }).ShouldBeTrue();
        control.IsCounted(dead with { Generator = "b" }).ShouldBeTrue();
        control.GenerationsSinceRetry("a").ShouldBe([0, 2, 3]);
        control.GenerationsSinceRetry("b").ShouldBe([0, 2]);
        control.Drops(Message("a", 2)).ShouldBeTrue();
        control.Drops(Message("a", 3)).ShouldBeFalse();
        control.Drops(Message("b", 2)).ShouldBeFalse();
    }

    [Fact]
    public void A_retry_of_all_takes_up_what_retries_of_ranges_left()
    {
        var control = Of().With(Retried(1, "a", new SampleRange(4, 2))).With(Retried(2, "a", new SampleRange(8, 1)));
        var dead = new RangeEntry("a", new SampleRange(0, 1), DateTimeOffset.UnixEpoch, Generation: 1);
        control.IsCounted(dead).ShouldBeTrue();
        control.IsCounted(dead with { Range = new SampleRange(8, 1) }).ShouldBeFalse();
        var all = control.With(Retried(3, "a"));
        all.IsCounted(dead).ShouldBeFalse();
        all.IsCounted(dead with { Range = new SampleRange(8, 1), Generation = 3 }).ShouldBeTrue();
    }

    [Fact]
    public void A_cancelled_job_is_not_paused() => Of((JobEventType.Paused, null), (JobEventType.Cancelled, null)).Paused.ShouldBeFalse();

    internal static JobControlState Of(params (JobEventType Type, string? Generator)[] events) => JobControlState.Of([.. events.Select(static (each, i) =>
        new JobEvent { Number = i + 1, Type = each.Type, Generator = each.Generator, At = DateTimeOffset.UnixEpoch.AddMinutes(i) })]);

    private static JobEvent Retried(int number, string generator, params SampleRange[] ranges) =>
        new() { Number = number, Type = JobEventType.Retried, Generator = generator, At = DateTimeOffset.UnixEpoch, Ranges = ranges is [] ? null : ranges };

    private static BatchMessage Message(string generator, int? generation) =>
        new() { Generator = generator, StartIndex = 0, NumSamples = 1, Seed = 1, JobId = "job", Generation = generation };
}
