using System.Diagnostics.Metrics;

namespace VmDataset.ControlPlane.Operations.Metrics;

/// <summary>
/// Tells how many messages there are. A scrape never waits for the queue: it gets what was read last, and the queue is read
/// every few seconds only while somebody asks.
/// </summary>
internal sealed partial class QueueGauge : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    // Longer than scrapers pause between two looks.
    private static readonly TimeSpan Interest = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan OldestTold = TimeSpan.FromSeconds(30);

    private readonly Meter _meter = new(Instrumentation.Name);
    private readonly IBatchQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger<QueueGauge> _logger;
    private volatile Reading? _last;
    private long _asked;
    private bool _failed;

    public QueueGauge(IBatchQueue queue, TimeProvider time, ILogger<QueueGauge> logger)
    {
        (_queue, _time, _logger) = (queue, time, logger);
        // The first scrape of a new process finds them already.
        _asked = time.GetTimestamp();
        _meter.CreateObservableGauge("vm_dataset.queue.messages", Observe, "{message}", "Messages on the queue; a cloud's figures lag.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                if (_time.GetElapsedTime(Interlocked.Read(ref _asked)) < Interest) await ReadAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops, or its start failed, of which the host would take this for the cause.
        }
    }

    private IEnumerable<Measurement<long>> Observe()
    {
        Interlocked.Exchange(ref _asked, _time.GetTimestamp());
        if (_last is not { } last || _time.GetElapsedTime(last.At) > OldestTold) return [];
        return [Of("queued", last.Depth.Queued), Of("in_flight", last.Depth.InFlight), Of("dead", last.Depth.Dead)];
    }

    private static Measurement<long> Of(string state, long messages) =>
        new(messages, new KeyValuePair<string, object?>(Attributes.State, state));

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        try
        {
            // A local queue answers on the caller's thread, which at the start is everybody's.
            if (await Task.Run(() => _queue.GetDepthAsync(cancellationToken: stoppingToken), stoppingToken) is { } depth)
                _last = new Reading(depth, _time.GetTimestamp());
            _failed = false;
        }
#pragma warning disable CA1031 // Whatever the queue met: the figures are absent until it answers.
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_failed) Log.Failed(_logger, exception.Message);
            _failed = true;
        }
    }

    private sealed record Reading(QueueDepth Depth, long At);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The queue's depth cannot be read, so /metrics lacks it: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
