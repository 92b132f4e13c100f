namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Reconciles pending jobs every few seconds, where the process runs between requests.</summary>
internal sealed partial class ReconcileLoop(ReconcileScheduler scheduler, BackendOptions backend, ILogger<ReconcileLoop> logger)
    : BackgroundService
{
    // A LIST is free on a disk and $0.005 per 1,000 on S3, where ten seconds make four cents a day.
    private readonly TimeSpan _interval = backend.Engine == BackendKind.Local ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);
    private readonly RepeatedFailures _failures = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        do
        {
            try
            {
                await scheduler.RunAsync(stoppingToken);
                _failures.Pass("");
            }
#pragma warning disable CA1031 // Whatever the store throws: the next turn tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (_failures.Add("", exception).IsNew) Log.Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The pending jobs could not be listed; trying again at every turn")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
