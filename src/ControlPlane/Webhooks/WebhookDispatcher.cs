using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Delivers what has happened to a job to the receiver that its webhook names.</summary>
internal sealed partial class WebhookDispatcher(
    DeliveryStore deliveries, WebhookClient client, TimeProvider time, ILogger<WebhookDispatcher> logger)
{
    /// <summary>Makes the attempts that are due.</summary>
    /// <returns>When the next attempt is due; null if every event so far was delivered or given up.</returns>
    public async Task<DateTimeOffset?> DeliverAsync(JobSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.Job.WebhookUrl is not { } url) return null;
        var jobId = snapshot.Job.Id;
        var known = await deliveries.ReadAsync(jobId, cancellationToken);
        var events = WebhookEvent.Of(JobViewer.View(snapshot, withGenerators: true));
        // The body of an event from before a retry cannot be made again.
        List<Delivery> all = [.. known.Where(delivery => delivery.HasBody || events.Any(happened => happened.Id == delivery.EventId))];
        foreach (var happened in events)
        {
            var delivery = known.FirstOrDefault(delivery => delivery.EventId == happened.Id);
            if (delivery is null) all.Add(await deliveries.AddAsync(happened, cancellationToken));
            else if (!delivery.HasBody) await deliveries.AddAsync(happened, cancellationToken);
        }

        all = [.. await Task.WhenAll(all.Select(delivery => AttemptIfDueAsync(jobId, url, delivery, cancellationToken)))];
        var now = time.GetUtcNow();
        return all.Where(delivery => delivery.StateAt(now) == DeliveryState.Pending)
            .Select(static delivery => (DateTimeOffset?)delivery.DueAt).Min();
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
        LogOutcome(jobId, tried, attempt);
        return tried;
    }

    private void LogOutcome(string jobId, Delivery delivery, Attempt attempt)
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
        [LoggerMessage(1, LogLevel.Information,
            "Job {JobId}: webhook event {EventId} delivered at attempt {Attempt}, in {Milliseconds} ms")]
        public static partial void Delivered(ILogger logger, string jobId, string eventId, int attempt, long milliseconds);

        [LoggerMessage(2, LogLevel.Information,
            "Job {JobId}: webhook event {EventId} failed at attempt {Attempt}: {Outcome}; the next is due at {DueAt:u}")]
        public static partial void Failed(ILogger logger, string jobId, string eventId, int attempt, string outcome, DateTimeOffset dueAt);

        [LoggerMessage(3, LogLevel.Warning, "Job {JobId}: webhook event {EventId} given up after attempt {Attempt}: {Outcome}")]
        public static partial void GivenUp(ILogger logger, string jobId, string eventId, int attempt, string outcome);
    }
}
