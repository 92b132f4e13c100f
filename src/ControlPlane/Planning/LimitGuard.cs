namespace VmDataset.ControlPlane.Planning;

/// <summary>Holds a job to its cost limit and its deadline: refuses it before, and stops it while it runs.</summary>
internal sealed partial class LimitGuard(ActualViewer actuals, JobEventLog log, TimeProvider time, ILogger<LimitGuard> logger)
{
    /// <summary>What of a job's limits its plan does not keep.</summary>
    public static IEnumerable<ValidationError> Refuse(Job job, PlanRecord plan)
    {
        if (job.MaxCostUsd is { } most && plan.Usd is null)
        {
            yield return Error("max_cost_usd",
                $"max_cost_usd is {most}, and a job on this machine costs no dollars; allowed: deadline_seconds, which bounds its time.");
        }

        if (job.MaxCostUsd is { } limit && plan.Usd is { } usd && usd.Likely > limit)
        {
            yield return Error("max_cost_usd",
                $"max_cost_usd is {limit}, and the job will cost {usd.Likely:0.####} ({usd.Low:0.####} to {usd.High:0.####}); allowed: at least {usd.Likely:0.####}, fewer samples, or what POST /v1/jobs/plan marks as cheapest.");
        }

        if (job.DeadlineSeconds is { } deadline && plan.Seconds.Likely > deadline)
        {
            yield return Error("deadline_seconds",
                $"deadline_seconds is {deadline}, and the job will take {plan.Seconds.Likely:0} s ({plan.Seconds.Low:0} to {plan.Seconds.High:0}); allowed: at least {Math.Ceiling(plan.Seconds.Likely):0}, fewer samples, or what POST /v1/jobs/plan marks as fastest.");
        }
    }

    /// <summary>For whoever has read the job's progress just now.</summary>
    /// <returns>Whether it was stopped.</returns>
    public async Task<bool> StopIfExceededAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (!job.HasLimits || read.Ended || read.State == JobState.Paused) return false;
        if (await ReasonAsync(job, read, cancellationToken) is not { } reason) return false;
        var seen = read.Control.LastNumber;
        // If anything else was done to the job since, the next pass decides.
        var (_, added) = await log.AppendAsync(job.Id, control => control.LastNumber != seen ? null
            : log.Event(JobEventType.Stopped) with { Reason = reason }, cancellationToken);
        if (added is not null) Log.Stopped(logger, job.Id, reason);
        return true;
    }

    private async Task<string?> ReasonAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        // A retry or a resumption has the whole time again: whoever asked for it knows how late it is.
        var since = read.Control.Events.LastOrDefault(static each => each.Type is JobEventType.Retried or JobEventType.Resumed)?.At
            ?? job.CreatedAt;
        if (time.GetUtcNow() - since is var spent && job.DeadlineSeconds is { } deadline && spent.TotalSeconds > deadline)
            return Text($"The deadline is over: the job has run for {spent.TotalSeconds:0} s; deadline_seconds is {deadline}.");
        if (job.MaxCostUsd is not { } most) return null;
        var actual = await actuals.ViewAsync(job, read, cancellationToken);
        return actual?.CostUsd > most
            ? Text($"The cost limit is reached: the job has cost {actual.CostUsd:0.####} dollars so far; max_cost_usd is {most}.") : null;
    }

    private static ValidationError Error(string field, FormattableString message) => new(field, Text(message));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Job {JobId} is stopped. {Reason}")]
        public static partial void Stopped(ILogger logger, string jobId, string reason);
    }
}
