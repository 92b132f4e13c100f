namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Runs the chores when a schedule posts an event: on Lambda nothing else does.</summary>
internal sealed class ScheduledRounds(Housekeeper housekeeper, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Anybody who reaches the API can post; a flood of events is one round.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Below the 29 s of API Gateway, the shortest limit that the API is made for.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private long _lastTicks;

    public async Task RunAsync()
    {
        var (now, last) = (time.GetUtcNow().UtcTicks, Interlocked.Read(ref _lastTicks));
        if (now - last < Interval.Ticks || Interlocked.CompareExchange(ref _lastTicks, now, last) != last) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        limit.CancelAfter(Longest);
        await housekeeper.RunAsync(limit.Token);
    }
}
