namespace VmDataset.ControlPlane.Webhooks;

/// <summary>The deliveries to a job's webhook.</summary>
public sealed record WebhookView
{
    /// <summary>The receiver's URL.</summary>
    /// <example>https://example.org/hooks/datasets</example>
    public required Uri Url { get; init; }

    /// <summary><c>pending</c>: the job has not ended, or the receiver has not accepted every event. <c>delivered</c>: the receiver has
    /// accepted every event. <c>given_up</c>: the receiver did not accept an event, and no more attempts are made.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>The events so far, each with its delivery attempts.</summary>
    public required IReadOnlyList<WebhookEventView> Events { get; init; }
}

/// <summary>An event for a webhook's receiver.</summary>
public sealed record WebhookEventView
{
    /// <summary>The event's id, the same in the header webhook-id of every attempt.</summary>
    /// <example>20261123-130501-9f3c2a7b_job_ended</example>
    public required string Id { get; init; }

    /// <summary>The state of the delivery.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>Time at which the next attempt is due (UTC); absent if none is due.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The attempts, in order.</summary>
    public required IReadOnlyList<WebhookAttemptView> Attempts { get; init; }
}

/// <summary>An attempt to deliver an event.</summary>
public sealed record WebhookAttemptView
{
    /// <summary>Time at which it began (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The receiver's HTTP status; absent without an answer.</summary>
    /// <example>204</example>
    public int? Status { get; init; }

    /// <summary>The reason for a missing answer; absent with an answer, and while the attempt is under way.</summary>
    /// <example>No answer came within 15 s.</example>
    public string? Error { get; init; }

    /// <summary>Milliseconds that the attempt took; absent while it is under way, and permanently if the server ended meanwhile.</summary>
    /// <example>142</example>
    public long? Milliseconds { get; init; }
}
