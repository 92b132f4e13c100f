using System.Collections.Concurrent;
using VmDataset.ControlPlane.Engines;
using VmDataset.ControlPlane.Housekeeping;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>
/// Looks at every job that may have something to tell, several at once. What it remembers only saves looks: a new process
/// starts without it.
/// </summary>
internal sealed partial class Notifier(DeliveryStore deliveries, JobTeller teller, EngineOptions engine, TimeProvider time, ILogger<Notifier> logger)
    : IChore, IAsyncDisposable
{
    private const int AtOnce = 32;

    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly ConcurrentDictionary<string, byte> _inHand = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _nextLook = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<Task> started = [];
        HashSet<string> listed = new(StringComparer.Ordinal);
        await foreach (var pending in deliveries.PendingAsync(cancellationToken))
        {
            listed.Add(pending.Key);
            if (_nextLook.TryGetValue(pending.Key, out var next) && next > now) continue;
            if (_inHand.TryAdd(pending.Key, 0)) started.Add(LookAsync(pending, cancellationToken));
        }

        foreach (var settled in _nextLook.Keys.Where(key => !listed.Contains(key))) _nextLook.TryRemove(settled, out _);
        // A slow receiver holds up its own job alone, unless the process stands still after this.
        if (engine.OnLambda) await Task.WhenAll(started);
    }

    /// <summary>Waits for what is under way, whose token has ended it.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var slot = 0; slot < AtOnce; slot++) await _slots.WaitAsync();
        _slots.Dispose();
    }

    private async Task LookAsync(ObjectEntry pending, CancellationToken cancellationToken)
    {
        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                _nextLook[pending.Key] = await teller.LookAsync(pending, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next round goes on from what is in the store.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: the next round tries again, and other jobs go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, ObjectKeys.JobIdOfWebhookPending(pending.Key));
        }
        finally
        {
            _inHand.TryRemove(pending.Key, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The webhook of job {JobId} could not be looked after; the next round tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId);
    }
}
