namespace VmDataset.Worker.Batches;

/// <summary>Looks, while a message is worked on, whether its job still wants that. The looks of a job's messages are shared.</summary>
public sealed partial class HaltMonitor : IAsyncDisposable
{
    /// <summary>From one look to the next, which is one LIST.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _dropped = new();
    private readonly CancellationTokenSource _abandoned = new();
    // With a look's interval and the store's answer, less than the job takes to settle.
    private static readonly TimeSpan StoringTime = TimeSpan.FromSeconds(2);

    private readonly JobEventLog _control;
    private readonly BatchMessage _message;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _watching;
    private long _lastLook;

    public HaltMonitor(JobEventLog control, BatchMessage message, TimeProvider time, ILogger logger)
    {
        (_control, _message, _time, _logger) = (control, message, time, logger);
        _lastLook = time.GetTimestamp();
        _watching = WatchAsync();
    }

    /// <summary>Cancelled when nothing is to be done for the message any more.</summary>
    public CancellationToken Dropped => _dropped.Token;

    /// <summary>Cancelled when, after that, the time is over in which what is drawn is stored.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
        _dropped.Dispose();
        _abandoned.Dispose();
    }

    /// <summary>
    /// To be called before a manifest is written: where the looks do not get through, one is made that has to, as nothing may be stored
    /// long after a halt.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nothing is to be done for the message any more, and has not been for long.</exception>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        _abandoned.Token.ThrowIfCancellationRequested();
        if (_time.GetElapsedTime(Volatile.Read(ref _lastLook)) < 2 * Interval || _dropped.IsCancellationRequested) return;
        if ((await _control.ReadRecentAsync(_message.JobId, Interval / 2).WaitAsync(cancellationToken)).Drops(_message))
            throw new OperationCanceledException("The job was halted.");
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (!await IsDroppedAsync()) continue;
                await _dropped.CancelAsync();
                await Task.Delay(StoringTime, _time, _end.Token);
                await _abandoned.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task<bool> IsDroppedAsync()
    {
        try
        {
            var begin = _time.GetTimestamp();
            var drops = (await _control.ReadRecentAsync(_message.JobId, Interval / 2).WaitAsync(_end.Token)).Drops(_message);
            Volatile.Write(ref _lastLook, begin);
            return drops;
        }
#pragma warning disable CA1031 // Whatever the store met, the work goes on and the next look tells.
        catch (Exception exception) when (!_end.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, exception.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "It cannot be seen whether the job goes on: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
