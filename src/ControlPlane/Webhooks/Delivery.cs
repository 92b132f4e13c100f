namespace VmDataset.ControlPlane.Webhooks;

/// <summary>The state of a delivery to a webhook.</summary>
public enum DeliveryState
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>It has taken the message.</summary>
    Delivered,

    /// <summary>It has refused the message for good, or failed to take it at every attempt.</summary>
    GivenUp,
}

/// <summary>An event on its way, as the store has it.</summary>
/// <param name="Attempts">In order.</param>
internal sealed record Delivery(string EventId, IReadOnlyList<Attempt> Attempts)
{
    /// <summary>Whether it is stored what its attempts send.</summary>
    public bool HasBody { get; init; } = true;

    private Attempt? Last => Attempts.Count == 0 ? null : Attempts[^1];

    /// <summary>When the next attempt may be made, or the last one is over.</summary>
    public DateTimeOffset DueAt => Last is { } last ? last.Claim.At + RetrySchedule.After(last) : DateTimeOffset.MinValue;

    public DeliveryState StateAt(DateTimeOffset now) =>
        Attempts.Any(static attempt => attempt.Result?.IsSuccess() == true) ? DeliveryState.Delivered
        : Last?.Result?.IsGone() == true || (Attempts.Count == RetrySchedule.MaxAttempts && (Last!.Result is not null || now >= DueAt))
            ? DeliveryState.GivenUp
        : DeliveryState.Pending;
}

/// <param name="Number">From 1 on.</param>
/// <param name="Result">Null while it is under way, and for ever if its sender died.</param>
internal sealed record Attempt(int Number, AttemptClaim Claim, AttemptResult? Result);

/// <summary>Says that an attempt is made, and by whom.</summary>
internal sealed record AttemptClaim(DateTimeOffset At, string Instance);

/// <summary>How an attempt ended: with a status, or without one for an error.</summary>
internal sealed record AttemptResult
{
    public int? Status { get; init; }

    public string? Error { get; init; }

    public required long Milliseconds { get; init; }

    /// <summary>How long the receiver asked to be left alone.</summary>
    public double? RetryAfterSeconds { get; init; }

    public bool IsSuccess() => Status is >= 200 and <= 299;

    /// <summary>The receiver wants no more of it: 410.</summary>
    public bool IsGone() => Status == StatusCodes.Status410Gone;
}
