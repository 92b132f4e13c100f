namespace VmDataset.ControlPlane.Webhooks;

/// <summary>When a failed attempt is followed by the next: the example of the Standard Webhooks specification, 75 hours in all.</summary>
internal static class RetrySchedule
{
    /// <summary>How long after an attempt's beginning the next one is due.</summary>
    private static readonly TimeSpan[] BackOff =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    public static int MaxAttempts => BackOff.Length + 1;

    /// <summary>A receiver that asks for more is asked again after this.</summary>
    public static TimeSpan LongestRetryAfter => BackOff[^1];

    /// <summary>An attempt without a result for so long has died with its sender: twice its time-out.</summary>
    public static TimeSpan Lost => 2 * WebhookClient.Timeout;

    /// <summary>From the attempt's beginning.</summary>
    public static TimeSpan After(Attempt attempt)
    {
        var backOff = attempt.Number < MaxAttempts ? BackOff[attempt.Number - 1] : TimeSpan.Zero;
        var atLeast = attempt.Result is not { } result ? Lost : TimeSpan.FromSeconds(result.RetryAfterSeconds ?? 0);
        return backOff > atLeast ? backOff : atLeast;
    }
}
