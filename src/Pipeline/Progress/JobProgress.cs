using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Progress;

public enum JobState
{
    /// <summary>Not all messages are on the queue yet.</summary>
    Submitting,

    /// <summary>Samples are missing and none has given up on them.</summary>
    Running,

    /// <summary>Every sample is finished.</summary>
    Succeeded,

    /// <summary>Every sample is finished or has failed for good, and at least one has failed.</summary>
    Failed,
}

/// <summary>How far a job is: a pure function of the job and of object names.</summary>
public sealed record JobProgress
{
    public required JobState State { get; init; }

    public required Tally Samples { get; init; }

    /// <summary>A batch is done when all of its samples are, dead when one of them has failed for good.</summary>
    public required Tally Batches { get; init; }

    public required IReadOnlyList<GeneratorProgress> Generators { get; init; }

    /// <summary>When the last range was finished or given up; null before the first.</summary>
    public required DateTimeOffset? LastChangeAt { get; init; }

    /// <summary>Samples per second: over the last minutes while running, over the whole run after; null before the first.</summary>
    public required double? SamplesPerSecond { get; init; }

    /// <summary>The window over which the rate of a running job is taken.</summary>
    public static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(2);

    /// <param name="job">What was asked for.</param>
    /// <param name="sent">Messages known to be on the queue.</param>
    /// <param name="done">Ranges that have a manifest.</param>
    /// <param name="dead">Ranges in the dead-letter queue; where a manifest exists too, it wins.</param>
    /// <param name="now">The time of the reading.</param>
    public static JobProgress Of(Job job, long sent, IReadOnlyCollection<RangeMark> done, IReadOnlyCollection<RangeMark> dead, DateTimeOffset now)
    {
        var doneBy = RangeMark.ByGenerator(done);
        var deadBy = RangeMark.ByGenerator(dead);
        var wanted = RangeSet.Of(job.Range());
        List<GeneratorProgress> generators = [];
        foreach (var generator in job.Generators)
        {
            var finished = doneBy.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(wanted);
            var given = deadBy.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(wanted).Subtract(finished);
            int batchesDone = 0, batchesDead = 0;
            foreach (var batch in job.Range().Split(job.BatchSize))
            {
                if (finished.Covers(batch)) batchesDone++;
                else if (given.Overlaps(batch)) batchesDead++;
            }

            generators.Add(new GeneratorProgress(generator.Name,
                new Tally(job.Samples, finished.SampleCount, given.SampleCount),
                new Tally(job.BatchesPerGenerator(), batchesDone, batchesDead)));
        }

        var samples = Tally.Sum(generators.Select(static generator => generator.Samples));
        var state = samples.Left > 0
            ? sent < job.TotalBatches() ? JobState.Submitting : JobState.Running
            : samples.Failed > 0 ? JobState.Failed : JobState.Succeeded;
        var last = done.Concat(dead).Select(static mark => (DateTimeOffset?)mark.At).Max();
        return new JobProgress
        {
            State = state,
            Samples = samples,
            Batches = Tally.Sum(generators.Select(static generator => generator.Batches)),
            Generators = generators,
            LastChangeAt = last,
            SamplesPerSecond = samples.Done == 0 ? null : Rate(job, done, samples, samples.Left > 0 ? now : last!.Value),
        };
    }

    private static double? Rate(Job job, IReadOnlyCollection<RangeMark> done, Tally samples, DateTimeOffset end)
    {
        var windowStart = samples.Left > 0 && end - RateWindow > job.CreatedAt ? end - RateWindow : job.CreatedAt;
        var seconds = (end - windowStart).TotalSeconds;
        if (seconds <= 0) return null;
        // Ranges may overlap after a repeated delivery; a rate may be off by those, a count never is.
        var finished = Math.Min(samples.Done, done.Where(mark => mark.At >= windowStart).Sum(static mark => (long)mark.Range.Count));
        return finished / seconds;
    }
}

/// <summary>A range that a key names.</summary>
/// <param name="Generator">Whose range it is.</param>
/// <param name="Range">The indices.</param>
/// <param name="At">When the object was written.</param>
public readonly record struct RangeMark(string Generator, SampleRange Range, DateTimeOffset At)
{
    /// <summary>The indices that each generator's marks cover together.</summary>
    public static Dictionary<string, RangeSet> ByGenerator(IEnumerable<RangeMark> marks) => marks
        .GroupBy(static mark => mark.Generator, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => RangeSet.Of(group.Select(static mark => mark.Range)), StringComparer.Ordinal);
}

/// <param name="Name">The generator.</param>
/// <param name="Samples">Its samples.</param>
/// <param name="Batches">Its batches.</param>
public sealed record GeneratorProgress(string Name, Tally Samples, Tally Batches);

/// <param name="Total">How many were asked for.</param>
/// <param name="Done">Finished.</param>
/// <param name="Failed">Failed for good.</param>
public readonly record struct Tally(long Total, long Done, long Failed)
{
    /// <summary>Neither finished nor failed.</summary>
    public long Left => Total - Done - Failed;

    public static Tally Sum(IEnumerable<Tally> tallies) => tallies.Aggregate(default(Tally),
        static (a, b) => new Tally(a.Total + b.Total, a.Done + b.Done, a.Failed + b.Failed));
}
