using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>What object names say of a job.</summary>
/// <param name="Sent">Per round, the newest check-point of its sending.</param>
/// <param name="Done">Ranges that have a manifest.</param>
/// <param name="Dead">Ranges that were given up; where a manifest exists too, it wins.</param>
public sealed record JobMarks(IReadOnlyDictionary<int, SentMark> Sent, IReadOnlyCollection<RangeMark> Done, IReadOnlyCollection<RangeMark> Dead)
{
    /// <summary>Ranges of which a manifest cannot be read.</summary>
    public IReadOnlyCollection<RangeMark> Unreadable { get; init; } = [];

    /// <summary>Batches of a round that have been dealt with.</summary>
    public int SentOf(Round round) => Sent.GetValueOrDefault(round.Number)?.Batches ?? 0;
}

/// <param name="Batches">Batches whose messages are known to be on the queue.</param>
/// <param name="At">When that was written.</param>
/// <param name="Paused">Whether the sender stopped there, so that anyone may go on at once.</param>
public sealed record SentMark(int Batches, DateTimeOffset At, bool Paused);

/// <summary>A range that a key names.</summary>
/// <param name="Generator">Whose range it is.</param>
/// <param name="Range">The indices.</param>
/// <param name="At">When the object was written.</param>
/// <param name="Round">Of a range that was given up: in which round.</param>
public readonly record struct RangeMark(string Generator, SampleRange Range, DateTimeOffset At, int Round = 0)
{
    /// <summary>The indices that each generator's marks cover together.</summary>
    public static Dictionary<string, RangeSet> ByGenerator(IEnumerable<RangeMark> marks) => marks
        .GroupBy(static mark => mark.Generator, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => RangeSet.Of(group.Select(static mark => mark.Range)), StringComparer.Ordinal);
}
