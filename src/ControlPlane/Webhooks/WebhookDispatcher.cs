using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Looks at a job that has a webhook and tells its receiver what has happened.</summary>
internal sealed partial class WebhookDispatcher(
    JobStore jobs, JobEventLog log, JobViewer viewer, Submissions submissions, DeliveryStore deliveries, WebhookClient client, TimeProvider time, ILogger<WebhookDispatcher> logger)
{
    // A marker comes before its job's record; one that is alone for so long belongs to a submission that died.
    private static readonly TimeSpan Orphaned = TimeSpan.FromHours(1);

    // A look costs LISTs in proportion to the job's size, so a large job is looked at less often.
    private const int PauseForEachLook = 20;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <param name="pending">The job's marker.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>When to look again.</returns>
    public async Task<DateTimeOffset> LookAsync(ObjectEntry pending, CancellationToken cancellationToken)
    {
        if (!ObjectKeys.TryParsePending(pending.Key, ObjectKeys.WebhookPendingPrefix, out var jobId)) return time.GetUtcNow() + LongestPause;
        var control = await log.ReadAsync(jobId, cancellationToken);
        var record = await jobs.ReadAsync(jobId, cancellationToken);
        if (record.Value is not { WebhookUrl: { } url } job)
        {
            if (control.Deleted || time.GetUtcNow() - pending.LastModified > Orphaned) await deliveries.SettleAsync(jobId, cancellationToken);
            return time.GetUtcNow();
        }

        if (control.Deleted)
        {
            await deliveries.SettleAsync(jobId, cancellationToken);
            return time.GetUtcNow();
        }

        // How it ended is not known.
        if (control.Unreadable is not null) return time.GetUtcNow() + LongestPause;

        var start = time.GetTimestamp();
        var known = await deliveries.ReadAsync(jobId, cancellationToken);
        var view = await viewer.ViewAsync(job, withGenerators: true, cancellationToken);
        var pause = PauseForEachLook * time.GetElapsedTime(start);
        if (view.State == JobState.Submitting) await submissions.ResumeAsync([job]);

        var events = WebhookEvent.Of(view);
        // What an event of before a retry was to say cannot be made again.
        List<Delivery> all = [.. known.Where(delivery => delivery.HasBody || events.Any(happened => happened.Id == delivery.EventId))];
        foreach (var happened in events)
        {
            var delivery = known.FirstOrDefault(delivery => delivery.EventId == happened.Id);
            if (delivery is null) all.Add(await deliveries.AddAsync(happened, cancellationToken));
            else if (!delivery.HasBody) await deliveries.AddAsync(happened, cancellationToken);
        }

        all = [.. await Task.WhenAll(all.Select(delivery => AttemptIfDueAsync(jobId, url, delivery, cancellationToken)))];

        var now = time.GetUtcNow();
        var open = all.Where(delivery => delivery.StateAt(now) == DeliveryState.Pending).ToList();
        // After a halt, workers store what they had in hand first.
        if (view.State.IsEnd() && view.FinishedAt is not null)
        {
            if (open.Count > 0) return open.Min(static delivery => delivery.DueAt);
            await deliveries.SettleAsync(jobId, cancellationToken);
            // A retry puts its marker after its event: if it came in this moment, its marker is the one that went.
            if ((await log.ReadAsync(jobId, cancellationToken)).Events.Count != view.History!.Count) await deliveries.PendAsync(jobId, cancellationToken);
            return now;
        }

        var next = now + (pause < LongestPause ? pause : LongestPause);
        return open.Select(static delivery => delivery.DueAt).Append(next).Min();
    }

    private async Task<Delivery> AttemptIfDueAsync(string jobId, Uri url, Delivery delivery, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (delivery.StateAt(now) != DeliveryState.Pending || delivery.DueAt > now) return delivery;
        if (await deliveries.BodyAsync(jobId, delivery.EventId, cancellationToken) is not { } body) return delivery;
        if (await deliveries.ClaimAsync(jobId, delivery, cancellationToken) is not { } attempt) return delivery;

        attempt = attempt with { Result = await client.SendAsync(url, delivery.EventId, body, cancellationToken) };
        // Also at the end of the process: the next attempt need not wait until this one counts as lost.
        await deliveries.FinishAsync(jobId, delivery.EventId, attempt, CancellationToken.None);
        var tried = delivery with { Attempts = [.. delivery.Attempts, attempt] };
        Tell(jobId, tried, attempt);
        return tried;
    }

    private void Tell(string jobId, Delivery delivery, Attempt attempt)
    {
        var outcome = attempt.Result!.Error ?? $"status {attempt.Result.Status}";
        switch (delivery.StateAt(time.GetUtcNow()))
        {
            case DeliveryState.Delivered:
                Log.Delivered(logger, jobId, delivery.EventId, attempt.Number, attempt.Result.Milliseconds);
                break;
            case DeliveryState.GivenUp:
                Log.GivenUp(logger, jobId, delivery.EventId, attempt.Number, outcome);
                break;
            default:
                Log.Failed(logger, jobId, delivery.EventId, attempt.Number, outcome, delivery.DueAt);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Job {JobId}: webhook event {EventId} delivered at attempt {Attempt}, in {Milliseconds} ms")]
        public static partial void Delivered(ILogger logger, string jobId, string eventId, int attempt, long milliseconds);

        [LoggerMessage(2, LogLevel.Information, "Job {JobId}: webhook event {EventId} failed at attempt {Attempt}: {Outcome}; the next is due at {DueAt:u}")]
        public static partial void Failed(ILogger logger, string jobId, string eventId, int attempt, string outcome, DateTimeOffset dueAt);

        [LoggerMessage(3, LogLevel.Warning, "Job {JobId}: webhook event {EventId} given up after attempt {Attempt}: {Outcome}")]
        public static partial void GivenUp(ILogger logger, string jobId, string eventId, int attempt, string outcome);
    }
}
