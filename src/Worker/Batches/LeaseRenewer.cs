namespace VmDataset.Worker.Batches;

/// <summary>Renews a lease at a third of its length until disposed.</summary>
public sealed partial class LeaseRenewer : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _keeping;

    /// <param name="renewAtOnce">The message comes with a lease of another length: it is set to <paramref name="lease"/> first.</param>
    public LeaseRenewer(IBatchQueue queue, LeasedMessage message, TimeSpan lease, TimeProvider time, ILogger logger,
        bool renewAtOnce = false) =>
        _keeping = KeepAsync(queue, message, lease, time, logger, renewAtOnce);

    /// <summary>Cancelled when somebody else may have the message.</summary>
    public CancellationToken Lost => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping;
        _end.Dispose();
        _lost.Dispose();
    }

    private async Task KeepAsync(IBatchQueue queue, LeasedMessage message, TimeSpan lease, TimeProvider time, ILogger logger,
        bool renewAtOnce)
    {
        using var timer = new PeriodicTimer(lease / 3, time);
        var held = time.GetTimestamp();
        try
        {
            while (renewAtOnce || await timer.WaitForNextTickAsync(_end.Token))
            {
                renewAtOnce = false;
                var asked = time.GetTimestamp();
                var renewed = await TryRenewAsync(queue, message, lease, time, logger);
                if (renewed == true) held = asked;
                // Without an answer the lease holds to its end, and more tries fit before that.
                if (renewed == true || (renewed is null && time.GetElapsedTime(held) < lease)) continue;
                Log.Lost(logger);
                await _lost.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <returns>Null when the queue did not answer in time.</returns>
    private async Task<bool?> TryRenewAsync(IBatchQueue queue, LeasedMessage message, TimeSpan lease, TimeProvider time, ILogger logger)
    {
        using var limit = new CancellationTokenSource(lease / 3, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _end.Token);
        try
        {
            return await queue.RenewAsync(message, lease, stop.Token);
        }
        catch (Exception exception) when (!_end.IsCancellationRequested)
        {
            Log.RenewalFailed(logger, exception);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The lease was lost: the work on it is dropped")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "The lease could not be renewed; trying again")]
        public static partial void RenewalFailed(ILogger logger, Exception exception);
    }
}
