using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Reconciles pending jobs every few seconds, where the process runs between requests, and a job at once when the last of its
/// messages has left a queue of this process.</summary>
internal sealed partial class ReconcileLoop(
    ReconcileScheduler scheduler, BackendOptions backend, ILogger<ReconcileLoop> logger, SqliteBatchQueue? queue = null)
    : BackgroundService
{
    // Each turn lists the pending jobs, and many small ones may end one after another.
    private static readonly TimeSpan ShortestTurn = TimeSpan.FromMilliseconds(100);

    private readonly RepeatedFailures _failures = new();

    // A LIST is free on a disk and $0.005 per 1,000 on S3, where ten seconds make four cents a day.
    internal TimeSpan Interval { get; init; } = backend.Engine == BackendKind.Local ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var begin = Stopwatch.GetTimestamp();
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

            await WaitAsync(begin, stoppingToken);
        }
    }

    private async Task WaitAsync(long begin, CancellationToken stoppingToken)
    {
        if (queue is null)
        {
            await Task.Delay(Left(Interval), stoppingToken);
            return;
        }

        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(Task.Delay(Left(Interval), turn.Token), queue.Drained.WaitToReadAsync(turn.Token).AsTask());
        await turn.CancelAsync();
        await Task.Delay(Left(ShortestTurn), stoppingToken);
        while (queue.Drained.TryRead(out var jobId)) scheduler.Hasten(jobId);

        TimeSpan Left(TimeSpan whole) => whole - Stopwatch.GetElapsedTime(begin) is { } left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The pending jobs could not be listed; trying again at every turn")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
