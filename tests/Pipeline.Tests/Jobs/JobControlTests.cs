using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Jobs;

public class JobControlTests
{
    [Fact]
    public void Without_events_nothing_is_dropped()
    {
        JobControl.None.Drops(Message("a", round: 0)).ShouldBeFalse();
        JobControl.None.Drops(Message("a", round: null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(JobVerb.Cancelled)]
    [InlineData(JobVerb.Paused)]
    [InlineData(JobVerb.Stopped)]
    [InlineData(JobVerb.Deleted)]
    public void What_ends_the_work_drops_every_message(JobVerb verb)
    {
        var control = Of((verb, null));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.Drops(Message("a", null)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(JobVerb.Resumed)]
    [InlineData(JobVerb.Retried)]
    public void What_sends_anew_makes_earlier_messages_stale_and_those_by_hand_welcome(JobVerb verb)
    {
        var control = Of((JobVerb.Paused, null), (verb, null));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.Drops(Message("a", 1)).ShouldBeTrue();
        control.Drops(Message("a", 2)).ShouldBeFalse();
        control.Drops(Message("a", null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(JobVerb.Cancelled)]
    [InlineData(JobVerb.Paused)]
    [InlineData(JobVerb.Stopped)]
    public void Who_does_not_know_the_newest_events_yet_does_not_drop_what_they_sent(JobVerb verb)
    {
        var before = Of((verb, null));
        before.Drops(Message("a", round: 2)).ShouldBeFalse();
        before.Drops(Message("a", round: 0)).ShouldBeTrue();
    }

    [Fact]
    public void A_retry_of_one_generator_leaves_the_others_as_they_were()
    {
        var control = Of((JobVerb.Cancelled, null), (JobVerb.Retried, "b"));
        control.Drops(Message("a", 0)).ShouldBeTrue();
        control.For("a").Halt!.Verb.ShouldBe(JobVerb.Cancelled);
        control.Drops(Message("b", 2)).ShouldBeFalse();
        control.Drops(Message("b", 0)).ShouldBeTrue();
    }

    [Fact]
    public void A_generator_that_stopped_stops_alone_until_it_is_retried()
    {
        var stopped = Of((JobVerb.Stopped, "b"));
        stopped.Drops(Message("a", 0)).ShouldBeFalse();
        stopped.Drops(Message("b", 0)).ShouldBeTrue();
        Of((JobVerb.Stopped, "b"), (JobVerb.Retried, null)).Drops(Message("b", 2)).ShouldBeFalse();
    }

    [Fact]
    public void Only_a_retry_takes_up_again_what_was_given_up()
    {
        var dead = new RangeMark("a", new SampleRange(0, 1), DateTimeOffset.UnixEpoch, Round: 0);
        Of((JobVerb.Paused, null), (JobVerb.Resumed, null)).Counts(dead).ShouldBeTrue();
        Of((JobVerb.Retried, "b")).Counts(dead).ShouldBeTrue();
        Of((JobVerb.Retried, "a")).Counts(dead).ShouldBeFalse();
        Of((JobVerb.Retried, null)).Counts(dead with { Round = 1 }).ShouldBeTrue();
    }

    [Fact]
    public void A_cancelled_job_is_not_paused() => Of((JobVerb.Paused, null), (JobVerb.Cancelled, null)).Paused.ShouldBeFalse();

    internal static JobControl Of(params (JobVerb Verb, string? Generator)[] events) => JobControl.Of([.. events.Select(static (each, i) =>
        new JobEvent { Number = i + 1, Verb = each.Verb, Generator = each.Generator, At = DateTimeOffset.UnixEpoch.AddMinutes(i) })]);

    private static BatchMessage Message(string generator, int? round) =>
        new() { Generator = generator, StartIndex = 0, NumSamples = 1, Seed = 1, JobId = "job", Round = round };
}
