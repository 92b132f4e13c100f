namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Reconciles pending jobs when a schedule posts an event: on Lambda nothing else does.</summary>
internal sealed class ScheduledReconcile(ReconcileScheduler scheduler, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Anybody who reaches the API can post; events within so short a time count as one.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long _lastTicks;

    public async Task RunAsync()
    {
        var (now, last) = (time.GetUtcNow().UtcTicks, Interlocked.Read(ref _lastTicks));
        if (now - last < Interval.Ticks || Interlocked.CompareExchange(ref _lastTicks, now, last) != last) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        limit.CancelAfter(RequestBudget.Time);
        await scheduler.RunAsync(limit.Token);
    }
}
