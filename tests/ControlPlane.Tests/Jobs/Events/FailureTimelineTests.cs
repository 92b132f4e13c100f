using VmDataset.ControlPlane.Jobs.Events;

namespace VmDataset.ControlPlane.Tests.Jobs.Events;

public sealed class FailureTimelineTests
{
    private const long At = 1_795_438_801_000;

    [Fact]
    public void A_client_gets_what_comes_after_its_place()
    {
        var marks = Marks((0, "a"), (0, "b"), (1_000, "c"), (30_000, "d"));
        foreach (var count in new[] { 0, 1, 2, 3, 4 }) marks.After(marks.Position(count)).ShouldBe(count);

        Marks((0, "a"), (0, "b"), (1_000, "c"), (30_000, "d"), (30_000, "e")).After(marks.Position(4)).ShouldBe(4);
    }

    [Fact]
    public void A_failure_that_appears_late_is_not_lost_and_only_its_neighbours_come_again()
    {
        var before = Marks((0, "a"), (20_000, "c"));

        Marks((0, "a"), (19_000, "b"), (20_000, "c")).After(before.Position(2)).ShouldBe(1);
    }

    [Fact]
    public void A_failure_that_is_replaced_within_a_second_comes_again()
    {
        var (first, second) = (new FailureTimeline([new(At, "a", "1")]), new FailureTimeline([new(At, "a", "2")]));

        second.IsSame(first).ShouldBeFalse();
        second.Since(first).ShouldBe([new FailureEntry(At, "a", "2")]);
        second.After(first.Position(1)).ShouldBe(0);
    }

    [Fact]
    public void A_failure_that_is_replaced_comes_again()
    {
        var before = Marks((0, "a"), (1_000, "b"));

        Marks((1_000, "b"), (2_000, "a")).After(before.Position(2)).ShouldBe(0);
        Marks((0, "a"), (50_000, "b")).After(before.Position(2)).ShouldBe(0);
    }

    [Fact]
    public void Failures_of_an_earlier_reading_are_distinguished_from_new_ones()
    {
        var before = Marks((0, "a"), (1_000, "c"));

        Marks((0, "a"), (500, "b"), (1_000, "c"), (2_000, "d")).Since(before).Select(static mark => mark.Key).ShouldBe(["b", "d"]);
        Marks((1_000, "c"), (2_000, "a")).Since(before).Select(static mark => mark.Key).ShouldBe(["a"]);
        before.Since(before).ShouldBeEmpty();
    }

    [Fact]
    public void An_id_is_read_as_it_was_written()
    {
        var id = new EventId(3, Marks((0, "a"), (1_000, "b")).Position(2), Ended: true);

        EventId.TryParse(id.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(id);
        EventId.TryParse(EventId.None.ToString(), out var none).ShouldBeTrue();
        none.ShouldBe(EventId.None);
    }

    private static FailureTimeline Marks(params (int After, string Key)[] marks) => new(marks.Select(static mark => new FailureEntry(At + mark.After, mark.Key)));
}
