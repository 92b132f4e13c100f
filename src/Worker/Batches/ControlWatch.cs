using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Control;
using VmDataset.Pipeline.Messages;

namespace VmDataset.Worker.Batches;

/// <summary>Looks, while a message is worked on, whether its job still wants that. The looks of a job's messages are shared.</summary>
public sealed partial class ControlWatch : IAsyncDisposable
{
    /// <summary>From one look to the next, which is one LIST.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _dropped = new();
    private readonly Task _watching;

    public ControlWatch(ControlLog control, BatchMessage message, TimeProvider time, ILogger logger) =>
        _watching = WatchAsync(control, message, time, logger);

    /// <summary>Cancelled when nothing is to be done for the message any more.</summary>
    public CancellationToken Dropped => _dropped.Token;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
        _dropped.Dispose();
    }

    private async Task WatchAsync(ControlLog control, BatchMessage message, TimeProvider time, ILogger logger)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (!await IsDroppedAsync(control, message, logger)) continue;
                await _dropped.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private static async Task<bool> IsDroppedAsync(ControlLog control, BatchMessage message, ILogger logger)
    {
        try
        {
            return (await control.ReadRecentAsync(message.JobId, Interval / 2)).Drops(message);
        }
#pragma warning disable CA1031 // Whatever the store met, the work goes on and the next look tells.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "It cannot be seen whether the job goes on: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
