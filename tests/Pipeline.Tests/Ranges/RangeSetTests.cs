using CsCheck;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Ranges;

/// <summary>The algebra is held against plain sets of integers.</summary>
public class RangeSetTests
{
    private const int Universe = 40;

    private static readonly Gen<SampleRange> AnyRange =
        Gen.Select(Gen.Int[0, Universe - 10], Gen.Int[1, 10], static (start, count) => new SampleRange(start, count));

    private static readonly Gen<SampleRange[]> AnyRanges = AnyRange.Array[0, 8];

    [Fact]
    public void A_set_holds_the_indices_of_its_ranges_in_least_ranges() => AnyRanges.Sample(ranges =>
    {
        var set = RangeSet.Of(ranges);
        Indices(set).ShouldBe(Indices(ranges), ignoreOrder: true);
        set.SampleCount.ShouldBe(Indices(ranges).Count);
        set.Zip(set.Skip(1)).ShouldAllBe(pair => pair.First.End < pair.Second.Start);
    });

    [Fact]
    public void Union_difference_and_intersection_are_those_of_sets() => Gen.Select(AnyRanges, AnyRanges).Sample((a, b) =>
    {
        var (left, right) = (RangeSet.Of(a), RangeSet.Of(b));
        Indices(left.Union(right)).ShouldBe(Indices(a).Union(Indices(b)), ignoreOrder: true);
        Indices(left.Subtract(right)).ShouldBe(Indices(a).Except(Indices(b)), ignoreOrder: true);
        Indices(left.Intersect(right)).ShouldBe(Indices(a).Intersect(Indices(b)), ignoreOrder: true);
    });

    [Fact]
    public void Covers_and_overlaps_agree_with_the_indices() => Gen.Select(AnyRanges, AnyRange).Sample((ranges, range) =>
    {
        var (set, indices) = (RangeSet.Of(ranges), Indices(ranges));
        set.Covers(range).ShouldBe(Indices([range]).IsSubsetOf(indices));
        set.Overlaps(range).ShouldBe(Indices([range]).Overlaps(indices));
        set.Overlaps(new SampleRange(range.Start, 1)).ShouldBe(indices.Contains(range.Start));
    });

    [Fact]
    public void A_range_splits_into_a_grid_that_makes_it_up() => Gen.Select(AnyRange, Gen.Int[1, 12]).Sample((range, size) =>
    {
        var batches = range.Split(size).ToList();
        RangeSet.Of(batches).ShouldBe([range]);
        batches.Sum(batch => batch.Count).ShouldBe(range.Count);
        batches.SkipLast(1).ShouldAllBe(batch => batch.Count == size);
    });

    [Fact]
    public void A_range_survives_its_key() => AnyRange.Sample(range =>
    {
        SampleRange.TryParseKey(range.ToKey(), out var read).ShouldBeTrue();
        read.ShouldBe(range);
    });

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("00000000-")]
    [InlineData("00000000-0")]
    [InlineData("0000000-10")]
    [InlineData("-0000001-5")]
    [InlineData("00000000-5.json")]
    [InlineData("99999999-2")]
    [InlineData("00000000-99999999999")]
    public void Other_texts_are_no_ranges(string text) => SampleRange.TryParseKey(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(SampleRange.MaxEnd, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Bounds_are_kept(int start, int count) => Should.Throw<ArgumentOutOfRangeException>(() => new SampleRange(start, count));

    private static HashSet<int> Indices(IEnumerable<SampleRange> ranges) =>
        [.. ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count))];
}
