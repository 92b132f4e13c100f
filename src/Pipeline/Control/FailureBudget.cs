using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Progress;

namespace VmDataset.Pipeline.Control;

/// <summary>Stops a job, or a generator of it, of which more samples have failed for good than its budget allows.</summary>
public sealed partial class FailureBudget(JobStore jobs, ProgressReader progress, ControlLog log, TimeProvider time, ILogger<FailureBudget> logger)
{
    private const int MaxKnown = 10_000;

    // A look lists all that is done, so many failures in a row share one.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, long> _looks = new(StringComparer.Ordinal);

    /// <summary>For workers, when they have given samples up.</summary>
    public async Task CheckAsync(string jobId, CancellationToken cancellationToken = default)
    {
        if (await jobs.FindAsync(jobId, cancellationToken) is not { HasFailureBudget: true } job) return;
        var now = time.GetTimestamp();
        if (_looks.TryGetValue(jobId, out var last) && time.GetElapsedTime(last, now) < Interval) return;
        if (_looks.Count >= MaxKnown) _looks.Clear();
        _looks[jobId] = now;
        await StopIfSpentAsync(job, await progress.ReadAsync(job, cancellationToken), cancellationToken);
    }

    /// <returns>Whether something was stopped.</returns>
    public async Task<bool> StopIfSpentAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        if (!job.HasFailureBudget || read.Ended) return false;
        var scopes = job.FailureBudgetPer == BudgetScope.Job
            ? [(Name: null, read.Samples)]
            : read.Generators.Where(generator => read.Control.For(generator.Name).Halt is null).Select(static generator => (Name: (string?)generator.Name, generator.Samples));
        var stopped = false;
        foreach (var (name, samples) in scopes)
        {
            if (Spent(job, samples) is not { } reason) continue;
            var wanted = log.Event(JobVerb.Stopped) with { Generator = name, Reason = reason };
            // If anything was done to the job since the count, the next count decides.
            var seen = read.Control.Events.Count;
            var (_, added) = await log.AppendAsync(job.Id, control => control.Events.Count == seen ? wanted : null, cancellationToken);
            if (added is null) return true;
            stopped = true;
            read = read with { Control = JobControl.Of([.. read.Control.Events, added]) };
            Log.Stopped(logger, job.Id, name ?? "all", reason);
        }

        return stopped;
    }

    private static string? Spent(Job job, Tally samples)
    {
        // A scope with nothing left has burnt all it could.
        if (samples.Left == 0) return null;
        if (samples.Failed > job.MaxFailedSamples)
            return Text($"The failure budget is spent: {samples.Failed:N0} samples failed for good; max_failed_samples is {job.MaxFailedSamples:N0}.");
        return samples.Failed * 100.0 > job.MaxFailedPercent * samples.Total
            ? Text($"The failure budget is spent: {samples.Failed:N0} of {samples.Total:N0} samples failed for good; max_failed_percent is {job.MaxFailedPercent:0.###}.")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Job {JobId} generator {Generator} is stopped. {Reason}")]
        public static partial void Stopped(ILogger logger, string jobId, string generator, string reason);
    }
}
