using System.Text.Json.Nodes;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Deliveries in the object store, where instances agree on who makes which attempt.</summary>
internal sealed class DeliveryStore(IObjectStore store, TimeProvider time, RecordWarnings warnings)
{
    private static readonly string Instance = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Keeps what the event's attempts will send. Whoever comes first decides; the others' view of the job may differ a
    /// little.</summary>
    public async Task<Delivery> AddAsync(WebhookEvent happened, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(happened.ToBody());
        var key = ObjectKeys.WebhookBody(happened.Job.Id, happened.Id);
        if (await store.PutAsync(key, body, ifAbsent: true, cancellationToken)) return new Delivery(happened.Id, []);
        // What a power cut has left of a body was never sent.
        await BodyAsync(happened.Job.Id, happened.Id, cancellationToken);
        body.Position = 0;
        await store.PutAsync(key, body, ifAbsent: true, cancellationToken);
        return new Delivery(happened.Id, []);
    }

    /// <summary>What the event's attempts send; null if it cannot be read, and then it is removed, so that the next look makes it
    /// anew.</summary>
    public async Task<byte[]?> BodyAsync(string jobId, string eventId, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.WebhookBody(jobId, eventId);
        byte[] body;
        using (var found = await store.GetAsync(key, cancellationToken))
        {
            if (found is null) return null;
            using var content = new MemoryStream();
            await found.Content.CopyToAsync(content, cancellationToken);
            body = content.ToArray();
        }

        if (Defect(body) is not { } defect) return body;
        warnings.Unreadable(key, defect);
        await store.DeleteAsync(key, cancellationToken);
        return null;
    }

    private static string? Defect(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) is null ? "it is null." : null;
        }
        catch (JsonException exception)
        {
            return body.Length == 0 ? "it is empty." : $"it is no JSON: {exception.Message}";
        }
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
        Dictionary<string, long> keys = new(StringComparer.Ordinal);
        SortedSet<string> events = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.WebhookPrefix(jobId), cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseWebhook(jobId, entry.Key, out var eventId)) events.Add(eventId);
            else warnings.Foreign(entry.Key);
            keys[entry.Key] = entry.Size;
        }

        return await Task.WhenAll(events.Select(eventId => ReadAsync(jobId, eventId, keys, cancellationToken)));
    }

    private async Task<Delivery> ReadAsync(string jobId, string eventId, Dictionary<string, long> keys, CancellationToken cancellationToken)
    {
        List<Attempt> attempts = [];
        for (var number = 1; keys.ContainsKey(ObjectKeys.WebhookClaim(jobId, eventId, number)); number++)
        {
            var claim = await store.TryGetJsonAsync<AttemptClaim>(ObjectKeys.WebhookClaim(jobId, eventId, number), cancellationToken);
            var result = (await store.TryGetJsonAsync<AttemptResult>(ObjectKeys.WebhookResult(jobId, eventId, number), cancellationToken))
                .OrWarn(warnings);
            // That an attempt was made says the claim's name; one whose result cannot be read is taken for lost.
            if (claim.LastModified is { } at) attempts.Add(new Attempt(number, claim.OrWarn(warnings) ?? new AttemptClaim(at, ""), result));
        }

        return new Delivery(eventId, attempts) { HasBody = keys.GetValueOrDefault(ObjectKeys.WebhookBody(jobId, eventId)) > 0 };
    }
}
