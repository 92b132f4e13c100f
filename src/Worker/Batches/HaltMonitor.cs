namespace VmDataset.Worker.Batches;

/// <summary>Checks, while a message is worked on, whether its job was halted. The checks of a job's messages are shared.</summary>
public sealed partial class HaltMonitor : IAsyncDisposable
{
    // A check that has no answer for so long is late.
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _dropped = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly TimeSpan _interval;
    private readonly JobEventLog _control;
    private readonly BatchMessage _message;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _watching;
    private long _lastCheck;

    public HaltMonitor(JobEventLog control, BatchMessage message, HaltTiming timing, TimeProvider time, ILogger logger)
    {
        (_control, _message, _interval, _time, _logger) = (control, message, timing.Interval, time, logger);
        _lastCheck = time.GetTimestamp();
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
    /// To be called before a manifest is written. If the checks do not reach the store, one is made that has to, as nothing may be stored
    /// long after a halt.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nothing is to be done for the message any more, and has not been for long.</exception>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        _abandoned.Token.ThrowIfCancellationRequested();
        if (_time.GetElapsedTime(Volatile.Read(ref _lastCheck)) < _interval + FirstAnswer || _dropped.IsCancellationRequested) return;
        if ((await _control.ReadRecentAsync(_message.JobId, _interval / 2).WaitAsync(cancellationToken)).Drops(_message))
            throw new OperationCanceledException("The job was halted.");
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (!await IsDroppedAsync()) continue;
                await _dropped.CancelAsync();
                await Task.Delay(HaltTiming.StoringTime, _time, _end.Token);
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
            var drops = (await _control.ReadRecentAsync(_message.JobId, _interval / 2).WaitAsync(_end.Token)).Drops(_message);
            Volatile.Write(ref _lastCheck, begin);
            return drops;
        }
#pragma warning disable CA1031 // Whatever the store met, the work goes on and the next check tells.
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
