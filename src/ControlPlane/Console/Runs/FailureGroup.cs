using VmDataset.ControlPlane.Jobs.Failures;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>Failures of one generator that say the same, numbers aside: one cause gives each sample another index or seed.</summary>
public sealed partial record FailureGroup
{
    private const int MaxIndices = 12;

    /// <summary>The newest of them, whose message and traceback stand for all.</summary>
    public required FailureView Newest { get; init; }

    /// <summary>Samples in their ranges.</summary>
    public required long Samples { get; init; }

    /// <summary>Those of ranges that are not given up: they are drawn again by themselves.</summary>
    public required long ToBeTriedAgain { get; init; }

    /// <summary>The first ranges, as first index and count.</summary>
    public required IReadOnlyList<(int Start, int Count)> Ranges { get; init; }

    /// <summary>All ranges.</summary>
    public required int RangeCount { get; init; }

    internal static IReadOnlyList<FailureGroup> Of(IEnumerable<FailureView> failures) =>
        [.. failures.GroupBy(static each => (each.Generator, each.Kind, each.ExceptionType, Digits().Replace(each.Message, "#")))
            .Select(static group => new FailureGroup
            {
                Newest = group.MaxBy(static each => each.FailedAt)!,
                Samples = group.Sum(static each => (long)each.NumSamples),
                ToBeTriedAgain = group.Where(static each => !each.Dead).Sum(static each => (long)each.NumSamples),
                Ranges = [.. group.Take(MaxIndices).Select(static each => (each.StartIndex, each.NumSamples))],
                RangeCount = group.Count(),
            })
            .OrderByDescending(static group => group.Samples).ThenBy(static group => group.Newest.Generator, StringComparer.Ordinal)];

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
