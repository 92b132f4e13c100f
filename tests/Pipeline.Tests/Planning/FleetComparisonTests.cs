using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class FleetComparisonTests
{
    private static readonly PlannedJob Job = new()
    {
        Generators = [new("a", GeneratorCalibration.Default), new("b", GeneratorCalibration.Default)],
        Samples = 20_000,
        BatchSize = 100,
        OutputFormat = OutputFormat.Files,
    };

    [Fact]
    public void Every_memory_architecture_format_and_mode_has_a_row_and_the_chosen_one_is_first()
    {
        var rows = Compare();

        rows.Count.ShouldBe(1 + (7 * 2 * 2 * 2));
        rows.Single(static row => row.Chosen).ShouldBe(rows[0]);
        rows.Skip(1).Select(static row => (row.MemoryMb, row.Architecture, row.OutputFormat, row.ScalingMode)).ShouldBeUnique();
        rows.ShouldAllBe(static row => row.Seconds > 0 && row.Usd > 0);
    }

    [Fact]
    public void The_fastest_within_the_budget_and_the_cheapest_within_the_deadline_are_marked()
    {
        var all = Compare();
        var budget = all.Select(static row => row.Usd).Order().ElementAt(all.Count / 2);
        var deadline = all.Select(static row => row.Seconds).Order().ElementAt(all.Count / 2);

        var rows = Compare(budget, deadline);

        var (fastest, cheapest) = (rows.Single(static row => row.Fastest), rows.Single(static row => row.Cheapest));
        fastest.Usd.ShouldBeLessThanOrEqualTo(budget);
        fastest.Seconds.ShouldBe(rows.Where(row => row.Usd <= budget).Min(static row => row.Seconds));
        cheapest.Seconds.ShouldBeLessThanOrEqualTo(deadline);
        cheapest.Usd.ShouldBe(rows.Where(row => row.Seconds <= deadline).Min(static row => row.Usd));
    }

    [Fact]
    public void No_row_is_marked_when_none_keeps_the_limits()
    {
        var rows = Compare(maxUsd: 0.000001, deadline: 0.1);

        rows.ShouldAllBe(static row => !row.Fastest && !row.Cheapest);
    }

    private static IReadOnlyList<ComparisonRow> Compare(double? maxUsd = null, double? deadline = null) =>
        FleetComparison.Of(Job, new Fleet(), PriceList.Current, "us-east-1", maxUsd, deadline);
}
