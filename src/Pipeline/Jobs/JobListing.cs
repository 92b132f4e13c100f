using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>What object names say of a job.</summary>
/// <param name="Sent">Per generation, the newest check-point of its sending.</param>
/// <param name="Dead">Ranges that were given up; where a manifest exists too, it wins.</param>
public sealed record JobListing(
    IReadOnlyDictionary<int, DispatchCheckpoint> Sent, IReadOnlyList<RangeEntry> Done, IReadOnlyCollection<RangeEntry> Dead)
{
    /// <summary>Ranges of which a manifest cannot be read.</summary>
    public IReadOnlyCollection<RangeEntry> Unreadable { get; init; } = [];

    /// <summary>Batches of a generation that have been dealt with.</summary>
    public int SentOf(DispatchGeneration generation) => Sent.GetValueOrDefault(generation.Number)?.Batches ?? 0;
}

/// <param name="Batches">Batches whose messages are known to be on the queue.</param>
/// <param name="Paused">Whether the sender stopped there, so that anyone may go on without waiting.</param>
public sealed record DispatchCheckpoint(int Batches, DateTimeOffset At, bool Paused);

/// <summary>A range that a key names.</summary>
/// <param name="Generation">Of a range that was given up: in which generation.</param>
public readonly record struct RangeEntry(string Generator, SampleRange Range, DateTimeOffset At, int Generation = 0)
{
    /// <summary>The indices that each generator's entries cover together.</summary>
    public static Dictionary<string, RangeSet> ByGenerator(IEnumerable<RangeEntry> entries) => entries
        .GroupBy(static entry => entry.Generator, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => RangeSet.Of(group.Select(static entry => entry.Range)),
            StringComparer.Ordinal);
}
