using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Dispatch;

/// <summary>
/// Stops a job, or a generator of it, of which more samples fail than its budget allows. A sample counts from its first failed try
/// until one is finished: the second and third tries come after all first ones, when the bill is paid already.
/// </summary>
public sealed partial class FailureBudget(JobStore jobs, ProgressReader progress, JobEventLog log, TimeProvider time,
    ILogger<FailureBudget> logger)
{
    private const int MaxKnown = 10_000;

    // A look lists all that failed, so many failures in a row share one, and it takes a tenth of a worker's time at most.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(2);
    private const int RestPerLook = 10;

    private readonly ConcurrentDictionary<string, long> _nextLooks = new(StringComparer.Ordinal);

    /// <summary>For workers, when samples have failed.</summary>
    public async Task CheckAsync(string jobId, CancellationToken cancellationToken = default)
    {
        if (await jobs.FindAsync(jobId, cancellationToken) is not { HasFailureBudget: true } job) return;
        var begin = time.GetTimestamp();
        if (_nextLooks.TryGetValue(jobId, out var next) && begin < next) return;
        if (_nextLooks.Count >= MaxKnown) _nextLooks.Clear();
        _nextLooks[jobId] = long.MaxValue;
        try
        {
            var control = await log.ReadAsync(jobId, cancellationToken);
            if (control.Unreadable is not null) return;
            // What is done only lessens the count, and listing it is the longest part.
            if (Spent(job, control, await FailingAsync(job, control, cancellationToken)).Any())
                await StopIfSpentAsync(job, await progress.ReadAsync(job, cancellationToken), cancellationToken);
        }
        finally
        {
            var rest = RestPerLook * time.GetElapsedTime(begin);
            _nextLooks[jobId] = time.GetTimestamp() + (long)(
                (rest > LeastInterval ? rest : LeastInterval).TotalSeconds * time.TimestampFrequency);
        }
    }

    /// <summary>For whoever has read the job's progress just now.</summary>
    /// <returns>Whether it was stopped, here or by somebody else in the same moment.</returns>
    public async Task<bool> StopIfSpentAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        if (!job.HasFailureBudget || read.Ended) return false;
        // What was given up and what is done since has been read already.
        var failed = RangeEntry.ByGenerator(await FailedAsync(job, read.Control, cancellationToken));
        var failing = job.Generators.ToDictionary(static generator => generator.Name, generator =>
            Of(failed, generator).Union(Of(read.GivenUp, generator))
            .Subtract(Of(read.Finished, generator)), StringComparer.Ordinal);
        var seen = read.Control.Events.Count;
        foreach (var (name, reason) in Spent(job, read.Control, failing).ToList())
        {
            // If anything else was done to the job since the count, the next count decides.
            var (_, added) = await log.AppendAsync(job.Id, control => control.Events.Count != seen ? null
                : log.Event(JobEventType.Stopped) with { Generator = name, Reason = reason }, cancellationToken);
            if (added is null) return true;
            seen = added.Number;
            Log.Stopped(logger, job.Id, name ?? "all", reason);
        }

        return seen != read.Control.Events.Count;
    }

    /// <summary>The samples of which a try failed since the last retry.</summary>
    private async Task<Dictionary<string, RangeSet>> FailingAsync(Job job, JobControlState control, CancellationToken cancellationToken)
    {
        var failed = FailedAsync(job, control, cancellationToken);
        var dead = await progress.DeadAsync(job.Id, cancellationToken);
        return RangeEntry.ByGenerator(dead.Where(control.IsCounted).Concat(await failed));
    }

    private async Task<IEnumerable<RangeEntry>> FailedAsync(Job job, JobControlState control, CancellationToken cancellationToken) =>
        (await progress.FailedAsync(job.Id, cancellationToken)).Where(entry => entry.At >= Since(control, entry.Generator));

    private static RangeSet Of(IReadOnlyDictionary<string, RangeSet> ranges, JobGenerator generator) =>
        ranges.GetValueOrDefault(generator.Name, RangeSet.Empty);

    // A worker that does not know of the retry yet may still write failures of before.
    private static DateTimeOffset Since(JobControlState control, string generator) =>
        control.For(generator).RetryGeneration is > 0 and var generation ? control.Events[generation - 1].At + LeastInterval
            : DateTimeOffset.MinValue;

    private static IEnumerable<(string? Generator, string Reason)> Spent(
        Job job, JobControlState control, Dictionary<string, RangeSet> failing)
    {
        var active = job.Generators.Where(generator => control.For(generator.Name).Halt is null)
            .Select(generator => (generator.Name, Samples: job.SamplesOf(generator),
                Count: failing.GetValueOrDefault(generator.Name, RangeSet.Empty).SampleCount)).ToList();
        if (active.Count == 0) return [];
        IEnumerable<(string? Name, long Count, long Total)> scopes = job.FailureBudgetPer == BudgetScope.Job
            ? [(null, active.Sum(static generator => generator.Count), job.TotalSamples())]
            : active.Select(generator => ((string?)generator.Name, generator.Count, (long)generator.Samples));
        return scopes.Select(scope => (scope.Name, Reason: Reason(job, scope.Count, scope.Total)))
            .Where(static scope => scope.Reason is not null)!;
    }

    private static string? Reason(Job job, long failing, long total)
    {
        if (failing > job.MaxFailedSamples)
            return Text($"The failure budget is spent: {failing:N0} samples failed in their last try; max_failed_samples is {job.MaxFailedSamples:N0}.");
        return failing * 100.0 > job.MaxFailedPercent * total
            ? Text($"The failure budget is spent: {failing:N0} of {total:N0} samples failed in their last try; max_failed_percent is {job.MaxFailedPercent:0.###}.")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Job {JobId} generator {Generator} is stopped. {Reason}")]
        public static partial void Stopped(ILogger logger, string jobId, string generator, string reason);
    }
}
