using System.Collections.Concurrent;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// Looks at every job that has a marker below a prefix, several at once. What it remembers only saves looks: a new process starts
/// without it.
/// </summary>
/// <param name="prefix">Where the markers lie, each named after its job.</param>
/// <param name="atOnce">Looks at once.</param>
/// <param name="look">Looks at a job, given its marker, and tells when to look again.</param>
internal sealed partial class MarkedJobs(
    string prefix, int atOnce, Func<ObjectEntry, CancellationToken, Task<DateTimeOffset>> look,
    IObjectStore store, RecordWarnings warnings, BackendOptions engine, TimeProvider time, ILogger<MarkedJobs> logger) : IChore, IAsyncDisposable
{
    private readonly SemaphoreSlim _slots = new(atOnce);
    private readonly ConcurrentDictionary<string, byte> _inHand = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _nextLook = new(StringComparer.Ordinal);
    private readonly RepeatedFailures _failures = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<Task> started = [];
        HashSet<string> listed = new(StringComparer.Ordinal);
        await foreach (var marker in store.ListAsync(prefix, cancellationToken: cancellationToken))
        {
            if (!ObjectKeys.TryParsePending(marker.Key, prefix, out _))
            {
                warnings.Foreign(marker.Key);
                continue;
            }

            listed.Add(marker.Key);
            if (_nextLook.TryGetValue(marker.Key, out var next) && next > now) continue;
            if (_inHand.TryAdd(marker.Key, 0)) started.Add(LookAsync(marker, cancellationToken));
        }

        foreach (var settled in _nextLook.Keys.Where(key => !listed.Contains(key)))
        {
            _nextLook.TryRemove(settled, out _);
            _failures.Pass(settled);
        }

        // A slow look holds up its own job alone, unless the process stands still after this.
        if (engine.OnLambda) await Task.WhenAll(started);
    }

    /// <summary>Waits for what is under way, whose token has ended it.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var slot = 0; slot < atOnce; slot++) await _slots.WaitAsync();
        _slots.Dispose();
    }

    private async Task LookAsync(ObjectEntry marker, CancellationToken cancellationToken)
    {
        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                _nextLook[marker.Key] = await look(marker, cancellationToken);
                _failures.Pass(marker.Key);
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
#pragma warning disable CA1031 // Whatever the store or queue throws: a later round tries again, and other jobs go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var (isNew, pause) = _failures.Add(marker.Key, exception);
            _nextLook[marker.Key] = time.GetUtcNow() + pause;
            if (isNew) Log.Failed(logger, exception, marker.Key);
        }
        finally
        {
            _inHand.TryRemove(marker.Key, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The job marked by {Marker} could not be looked after; it is tried again, less and less often")]
        public static partial void Failed(ILogger logger, Exception exception, string marker);
    }
}
