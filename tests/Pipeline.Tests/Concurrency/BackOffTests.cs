using VmDataset.Pipeline.Concurrency;

namespace VmDataset.Pipeline.Tests.Concurrency;

public sealed class BackOffTests
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), Factor: 3);

    [Fact]
    public void A_pause_grows_by_the_factor_up_to_the_longest() =>
        new[] { 1, 2, 3, 4, 5, 10_000 }.Select(failures => Pauses.After(failures).TotalSeconds).ShouldBe([5, 15, 45, 135, 300, 300]);

    [Fact]
    public void A_pause_with_jitter_is_never_longer() =>
        Enumerable.Range(0, 100).ShouldAllBe(_ => Pauses.WithJitter(2) >= TimeSpan.Zero && Pauses.WithJitter(2) <= Pauses.After(2));
}
