using VmDataset.ControlPlane.Jobs.Samples;

namespace VmDataset.ControlPlane.Tests.Jobs.Samples;

public sealed class SeededPermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(65_537)]
    public void A_permutation_has_each_number_once(int size)
    {
        foreach (var seed in new[] { 0, 1, int.MaxValue }) All(size, seed).Order().ShouldBe(Enumerable.Range(0, size).Select(static each => (long)each));
    }

    [Fact]
    public void A_permutation_is_a_function_of_its_size_and_seed()
    {
        // An address that somebody keeps is to show the same tomorrow.
        All(10, 7).ShouldBe([1, 6, 9, 2, 3, 4, 5, 8, 0, 7]);
        All(1_000, 7).ShouldNotBe(All(1_000, 8));
    }

    [Fact]
    public void A_permutation_of_the_largest_job_is_computed_place_by_place()
    {
        var order = new SeededPermutation(10_000_000_000, 3);

        foreach (var place in new[] { 0, 1, 9_999_999_999 }) order[place].ShouldBeInRange(0, 9_999_999_999);
        Should.Throw<ArgumentOutOfRangeException>(() => order[10_000_000_000]);
    }

    [Fact]
    public void The_first_places_are_spread_over_all_numbers()
    {
        var order = new SeededPermutation(2_000_000, 1);

        var tenths = Enumerable.Range(0, 1_000).Select(place => order[place] / 200_000).CountBy(static tenth => tenth).ToDictionary();

        // 100 are expected in each; five deviations are 47.
        tenths.Count.ShouldBe(10);
        tenths.Values.ShouldAllBe(static count => count > 50 && count < 150);
    }

    private static List<long> All(int size, int seed)
    {
        var order = new SeededPermutation(size, seed);
        return [.. Enumerable.Range(0, size).Select(place => order[place])];
    }
}
