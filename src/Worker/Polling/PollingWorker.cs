using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Polling;

/// <summary>
/// Takes messages off the queue while it has room, keeps their leases, gives back at the end. Beside that room it has some for
/// guests: messages of jobs that have none in work here. Hosted by the worker process and, embedded, by the control plane.
/// </summary>
public sealed partial class PollingWorker(
    IBatchQueue queue, BatchProcessor processor, WorkerOptions options, TimeProvider time, ILogger<PollingWorker> logger)
        : BackgroundService
{
    // Also how long a stop may have to wait for a queue that cannot be interrupted.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    // SQS does not extend a lease beyond 12 hours of the receive.
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(11);
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    // Each keeps some finished samples in memory and on disk.
    private const int Guests = 8;

    // Cancelled when the time for a stop has run out: from then on nothing is stored or sent on.
    private readonly CancellationTokenSource _outOfTime = new();

    // One message more than lanes: small batches overlap, and the lanes never wait for a manifest.
    private readonly int _room = options.Lanes + 1;
    private readonly int _guests = queue.ChoosesGroups ? Guests : 0;
    private int _givenBackInARow;
    private string? _queueFailure;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is not { IsCompleted: false }) return;
        Log.OutOfTime(logger);
        await _outOfTime.CancelAsync();
    }

    public override void Dispose()
    {
        base.Dispose();
        _outOfTime.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<(Task Work, string? Group)> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PauseAsync(stoppingToken);
                running.RemoveAll(static message => message.Work.IsCompleted);
                if (running.Count >= _room + _guests)
                {
                    await Task.WhenAny(running.Select(static message => message.Work)).WaitAsync(stoppingToken);
                    continue;
                }

                var received = running.Count < _room ? await ReceiveAsync([], stoppingToken)
                    : await ReceiveGuestAsync(running, stoppingToken);
                if (received is not null) running.Add((WorkAsync(received, stoppingToken), received.Group));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Fall out of the loop.
            }
        }

        await Task.WhenAll(running.Select(static message => message.Work));
    }

    // While the store is out of reach every message would only lose one of its deliveries here.
    private Task PauseAsync(CancellationToken stoppingToken)
    {
        var failures = Volatile.Read(ref _givenBackInARow);
        return failures == 0 ? Task.CompletedTask : Task.Delay(Pauses.After(failures), time, stoppingToken);
    }

    /// <summary>
    /// There is no room, but a message of a job that has none in work here shall not wait until a batch of another job ends.
    /// Gives up as soon as one ends, as there is room then.
    /// </summary>
    private async Task<LeasedMessage?> ReceiveGuestAsync(List<(Task Work, string? Group)> running, CancellationToken stoppingToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var receiving = ReceiveAsync([.. running.Select(static message => message.Group).OfType<string>().Distinct()], ended.Token);
        await Task.WhenAny([receiving, .. running.Select(static message => message.Work)]);
        await ended.CancelAsync();
        try
        {
            return await receiving;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<LeasedMessage?> ReceiveAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken)
    {
        try
        {
            var received = await queue.ReceiveAsync(1, options.Lease, Wait, except, cancellationToken);
            _queueFailure = null;
            return received is [var first] ? first : null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The same cause, second after second, is told once.
            if (_queueFailure != exception.Message) Log.QueueFailed(logger, exception);
            _queueFailure = exception.Message;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            return null;
        }
    }

    private async Task WorkAsync(LeasedMessage message, CancellationToken stoppingToken)
    {
        try
        {
            await using var lease = new LeaseRenewer(queue, message, options.Lease, time, logger);
            using var dropped = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, _outOfTime.Token);
            var outcome = await processor.ProcessAsync(message,
                new BatchBounds(time.GetUtcNow() + LongestLease, stoppingToken, dropped.Token));
            if (outcome.RetryAfter is null) Volatile.Write(ref _givenBackInARow, 0);
            else Interlocked.Increment(ref _givenBackInARow);
            if (outcome.RetryAfter is { } delay) await queue.RenewAsync(message, delay, CancellationToken.None);
            else await queue.DeleteAsync(message, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Unacknowledged, the message comes back when its lease runs out.
            Log.WorkFailed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The queue cannot be read; trying again")]
        public static partial void QueueFailed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "A message was left to its lease")]
        public static partial void WorkFailed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error,
            "What was drawn could not be stored before the stop's time ran out: its messages are left to their leases")]
        public static partial void OutOfTime(ILogger logger);
    }
}
