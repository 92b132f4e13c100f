using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>The state of a job, or of a generator in it.</summary>
public enum JobState
{
    /// <summary>Not all messages are on the queue yet.</summary>
    Submitting,

    /// <summary>Samples are missing and none has given up on them.</summary>
    Running,

    /// <summary>Samples are missing, and nothing is done about it until the job is resumed.</summary>
    Paused,

    /// <summary>Every sample is finished.</summary>
    Succeeded,

    /// <summary>Every sample is finished or has failed for good, and at least one has failed; or the failure budget is spent.</summary>
    Failed,

    /// <summary>Samples are missing, and nothing is done about it any more.</summary>
    Cancelled,

    /// <summary>A record that says what it is, or what was done to it, cannot be read: nothing is done for it any more but deleting
    /// it.</summary>
    Unreadable,
}

/// <summary>How far a job is: a pure function of the job, its log of events and object names.</summary>
public sealed record JobProgress
{
    public required JobState State { get; init; }

    public required Counts Samples { get; init; }

    /// <summary>A batch is done when all of its samples are, dead when one of them has failed for good.</summary>
    public required Counts Batches { get; init; }

    public required IReadOnlyList<GeneratorProgress> Generators { get; init; }

    /// <summary>Ranges that have a manifest, as the store lists them.</summary>
    public required IReadOnlyList<RangeEntry> Done { get; init; }

    /// <summary>Per generator, the indices that have a manifest.</summary>
    public required IReadOnlyDictionary<string, RangeSet> Finished { get; init; }

    /// <summary>Per generator, the indices that were given up and not taken up again; a manifest wins.</summary>
    public required IReadOnlyDictionary<string, RangeSet> GivenUp { get; init; }

    /// <summary>When the last range was finished or given up, or the work halted; null before the first.</summary>
    public required DateTimeOffset? LastChangeAt { get; init; }

    /// <summary>Samples per second: over the last minutes while running, over the whole run after; null before the first.</summary>
    public required double? SamplesPerSecond { get; init; }

    public required JobControlState Control { get; init; }

    /// <summary>Ranges whose manifest cannot be read and that have no other: they count as missing, and a retry draws them.</summary>
    public IReadOnlyCollection<RangeEntry> Unreadable { get; init; } = [];

    /// <summary>The indices that are to be drawn of a generator and have no manifest.</summary>
    public RangeSet MissingOf(Job job, string generator) =>
        RangeSet.Of(job.Range(job.GeneratorNamed(generator), Control.For(generator)))
            .Subtract(Finished.GetValueOrDefault(generator, RangeSet.Empty));

    /// <summary>Whether nothing more is done about it by itself.</summary>
    public bool Ended => State.IsEnd();

    /// <summary>Whether it has ended, and what workers had in hand when it was halted is stored too, see <see cref="HaltTiming.SettleTime"/>.</summary>
    public required bool Settled { get; init; }

    /// <summary>The window over which the rate of a running job is taken.</summary>
    public static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(2);

    /// <param name="halts">The pace of halts; null for <see cref="HaltTiming.Local"/>.</param>
    public static JobProgress Of(Job job, JobControlState control, JobListing listing, DateTimeOffset now, HaltTiming? halts = null)
    {
        var settleTime = (halts ?? HaltTiming.Local).SettleTime;
        var doneBy = RangeEntry.ByGenerator(listing.Done);
        var deadBy = RangeEntry.ByGenerator(listing.Dead.Where(control.IsCounted));
        var unsent = DispatchGeneration.Current(job, control).Where(generation => listing.SentOf(generation) < generation.TotalBatches)
            .Select(static generation => generation.Number).ToHashSet();
        List<GeneratorProgress> generators = [];
        foreach (var generator in job.Generators)
        {
            var itsControl = control.For(generator.Name);
            var wanted = RangeSet.Of(job.Range(generator, itsControl));
            var finished = doneBy.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(wanted);
            var given = deadBy.GetValueOrDefault(generator.Name, RangeSet.Empty).Intersect(wanted).Subtract(finished);
            int batches = 0, batchesDone = 0, batchesDead = 0;
            foreach (var batch in job.BatchesOf(generator, itsControl))
            {
                batches++;
                if (finished.Covers(batch)) batchesDone++;
                else if (given.Overlaps(batch)) batchesDead++;
            }

            var samples = new Counts(wanted.SampleCount, finished.SampleCount, given.SampleCount);
            generators.Add(new GeneratorProgress(generator.Name, StateOf(job, samples, control, generator.Name, unsent), samples,
                new Counts(batches, batchesDone, batchesDead)));
        }

        var all = Counts.Sum(generators.Select(static generator => generator.Samples));
        // What still moves counts more than what has ended, and the worst end more than a better one.
        var state = control.Unreadable is not null ? JobState.Unreadable
            : Worst.First(each => generators.Exists(generator => generator.State == each));
        // What a worker stores when nothing was to be stored any more counts, and moves no end.
        var ends = job.Generators.Zip(generators).Where(static pair => pair.Second.Samples.Left > 0)
            .Select(pair => (pair.First.Name, control.For(pair.First.Name).Halt)).Where(static each => each.Halt is not null)
            .ToDictionary(static each => each.Name, each => each.Halt!.At + settleTime, StringComparer.Ordinal);
        var last = listing.Done.Concat(listing.Dead).Where(entry => !ends.TryGetValue(entry.Generator, out var end) || entry.At <= end)
            .Select(static entry => entry.At)
            .Concat(job.Generators.Select(generator => control.For(generator.Name).Halt?.At).OfType<DateTimeOffset>())
            .Concat(control.Events.Where(static each => each.Type == JobEventType.Checked).Select(static each => each.At))
            .Select(static at => (DateTimeOffset?)at).Max();
        return new JobProgress
        {
            State = state,
            Samples = all,
            Batches = Counts.Sum(generators.Select(static generator => generator.Batches)),
            Generators = generators,
            Done = listing.Done,
            Finished = doneBy,
            GivenUp = deadBy,
            LastChangeAt = last,
            SamplesPerSecond = all.Done == 0 ? null : Rate(job, listing.Done, all, state.IsEnd() ? last!.Value : now, state.IsEnd()),
            Control = control,
            Unreadable = [.. listing.Unreadable.Where(entry =>
                !doneBy.GetValueOrDefault(entry.Generator, RangeSet.Empty).Covers(entry.Range))],
            Settled = state.IsEnd() && ends.Values.All(end => end <= now),
        };
    }

    private static readonly JobState[] Worst =
        [JobState.Submitting, JobState.Paused, JobState.Running, JobState.Cancelled, JobState.Failed, JobState.Succeeded];

    private static JobState StateOf(Job job, Counts samples, JobControlState control, string name, HashSet<int> unsent)
    {
        var generator = control.For(name);
        if (control.Unreadable is not null) return JobState.Unreadable;
        if (samples.Left == 0 && (!job.Unique || IsSearched(generator, samples))) return samples.Failed > 0 ? JobState.Failed
            : JobState.Succeeded;
        if (generator.Halt is { } halt) return halt.Type == JobEventType.Cancelled ? JobState.Cancelled : JobState.Failed;
        if (control.Paused) return JobState.Paused;
        return unsent.Contains(generator.Generation) ? JobState.Submitting : JobState.Running;
    }

    // What had failed and was drawn since may repeat others.
    private static bool IsSearched(GeneratorControl generator, Counts samples) => generator.LastCheck is { Settled: true } last
        && last.Failed == samples.Failed;

    private static double? Rate(Job job, IReadOnlyCollection<RangeEntry> done, Counts samples, DateTimeOffset end, bool ended)
    {
        var windowStart = !ended && end - RateWindow > job.CreatedAt ? end - RateWindow : job.CreatedAt;
        var seconds = (end - windowStart).TotalSeconds;
        if (seconds <= 0) return null;
        // Ranges may overlap after a repeated delivery; a rate may be off by those, a count never is.
        var finished = Math.Min(samples.Done, done.Where(entry => entry.At >= windowStart).Sum(static entry => (long)entry.Range.Count));
        return finished / seconds;
    }
}

public static class JobStates
{
    /// <summary>Whether nothing more happens by itself.</summary>
    public static bool IsEnd(this JobState state) =>
        state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Unreadable;
}

public sealed record GeneratorProgress(string Name, JobState State, Counts Samples, Counts Batches);

/// <param name="Failed">Failed for good.</param>
public readonly record struct Counts(long Total, long Done, long Failed)
{
    /// <summary>Neither finished nor failed.</summary>
    public long Left => Total - Done - Failed;

    public static Counts Sum(IEnumerable<Counts> tallies) => tallies.Aggregate(default(Counts),
        static (a, b) => new Counts(a.Total + b.Total, a.Done + b.Done, a.Failed + b.Failed));
}
