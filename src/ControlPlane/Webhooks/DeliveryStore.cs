using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Deliveries in the object store, where instances agree on who makes which attempt.</summary>
internal sealed class DeliveryStore(IObjectStore store, TimeProvider time)
{
    private static readonly string Instance = $"{Environment.MachineName}-{Environment.ProcessId}";

    public async Task<bool> IsPendingAsync(string jobId, CancellationToken cancellationToken)
    {
        using var marker = await store.GetAsync(ObjectKeys.WebhookPending(jobId), cancellationToken);
        return marker is not null;
    }

    /// <summary>Notes that a job may have something to tell.</summary>
    public async Task PendAsync(string jobId, CancellationToken cancellationToken)
    {
        using var empty = new MemoryStream();
        await store.PutAsync(ObjectKeys.WebhookPending(jobId), empty, cancellationToken: cancellationToken);
    }

    public Task SettleAsync(string jobId, CancellationToken cancellationToken) =>
        store.DeleteAsync(ObjectKeys.WebhookPending(jobId), cancellationToken);

    /// <summary>Keeps what the event's attempts will send. Whoever comes first decides; the others' view of the job may differ a little.</summary>
    public async Task<Delivery> AddAsync(WebhookEvent happened, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(happened.ToBody());
        await store.PutAsync(ObjectKeys.WebhookBody(happened.Job.Id, happened.Id), body, ifAbsent: true, cancellationToken);
        return new Delivery(happened.Id, []);
    }

    public async Task<byte[]> BodyAsync(string jobId, string eventId, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.WebhookBody(jobId, eventId);
        using var found = await store.GetAsync(key, cancellationToken) ?? throw new InvalidDataException($"Object '{key}' is missing.");
        var body = new byte[found.Size];
        await found.Content.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

    /// <returns>The attempt, which is now this instance's to make; null if another one has it.</returns>
    public async Task<Attempt?> ClaimAsync(string jobId, Delivery delivery, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(delivery.Attempts.Count + 1, new AttemptClaim(time.GetUtcNow(), Instance), null);
        var key = ObjectKeys.WebhookClaim(jobId, delivery.EventId, attempt.Number);
        return await store.PutJsonAsync(key, attempt.Claim, ifAbsent: true, cancellationToken) ? attempt : null;
    }

    public Task FinishAsync(string jobId, string eventId, Attempt attempt, CancellationToken cancellationToken) =>
        store.PutJsonAsync(ObjectKeys.WebhookResult(jobId, eventId, attempt.Number), attempt.Result!, cancellationToken: cancellationToken);

    /// <summary>A job's deliveries, ordered by event.</summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(string jobId, CancellationToken cancellationToken)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.WebhookPrefix(jobId), cancellationToken: cancellationToken)) keys.Add(entry.Key);
        var events = keys.Select(ObjectKeys.EventIdOfWebhook).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return await Task.WhenAll(events.Select(eventId => ReadAsync(jobId, eventId, keys, cancellationToken)));
    }

    private async Task<Delivery> ReadAsync(string jobId, string eventId, HashSet<string> keys, CancellationToken cancellationToken)
    {
        List<Attempt> attempts = [];
        for (var number = 1; keys.Contains(ObjectKeys.WebhookClaim(jobId, eventId, number)); number++)
        {
            var claim = await store.GetJsonAsync<AttemptClaim>(ObjectKeys.WebhookClaim(jobId, eventId, number), cancellationToken);
            var result = await store.GetJsonAsync<AttemptResult>(ObjectKeys.WebhookResult(jobId, eventId, number), cancellationToken);
            if (claim is not null) attempts.Add(new Attempt(number, claim, result));
        }

        return new Delivery(eventId, attempts);
    }
}
