namespace VmDataset.ControlPlane.Webhooks;

/// <summary>How a job's webhook stands.</summary>
public sealed record WebhookView
{
    /// <summary>Its receiver.</summary>
    /// <example>https://example.org/hooks/datasets</example>
    public required Uri Url { get; init; }

    /// <summary>
    /// <c>pending</c>: the job has not ended, or its receiver has not taken all that happened. <c>delivered</c>: it has.
    /// <c>given_up</c>: it did not take an event, and is not asked any more.
    /// </summary>
    public required DeliveryState State { get; init; }

    /// <summary>What has happened so far, each with its attempts.</summary>
    public required IReadOnlyList<WebhookEventView> Events { get; init; }
}

/// <summary>Something that a webhook's receiver is told.</summary>
public sealed record WebhookEventView
{
    /// <summary>The same at every attempt, in the header webhook-id.</summary>
    /// <example>20261123-130501-9f3c2a7b_job_ended</example>
    public required string Id { get; init; }

    /// <summary>Whether it was taken.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>When the next attempt is due (UTC); absent when none is.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>In order.</summary>
    public required IReadOnlyList<WebhookAttemptView> Attempts { get; init; }
}

/// <summary>A try to tell a webhook's receiver.</summary>
public sealed record WebhookAttemptView
{
    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The receiver's HTTP status; absent without an answer.</summary>
    /// <example>204</example>
    public int? Status { get; init; }

    /// <summary>Why there was no answer; absent with one, and while the attempt is under way.</summary>
    /// <example>No answer came within 15 s.</example>
    public string? Error { get; init; }

    /// <summary>How long it took; absent while the attempt is under way, and for ever if the server ended meanwhile.</summary>
    /// <example>142</example>
    public long? Milliseconds { get; init; }
}
