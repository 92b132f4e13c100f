namespace VmDataset.ControlPlane.Operations.Health;

/// <summary>
/// Writes and deletes an object now and then, since a store that can be read may be full or not to be written. The process does
/// so by itself: what anybody may call writes nothing. On Lambda nothing runs between requests, so there it does not.
/// </summary>
internal sealed class StoreProbe(IObjectStore store, BackendOptions backend, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // On S3 a minute makes a cent a day.
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(backend.Engine == BackendKind.Local ? 15 : 60);

    private volatile Exception? _failure;
    private volatile bool _hasRun;

    /// <summary>Whether there was an attempt.</summary>
    public bool HasRun => _hasRun;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public Exception? Failure => _failure;

    /// <summary>One attempt.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var key = ObjectKeys.HealthProbe();
            using var content = new MemoryStream([1]);
            await store.PutAsync(key, content, cancellationToken: limit.Token);
            await store.DeleteAsync(key, limit.Token);
            (_failure, _hasRun) = (null, true);
        }
#pragma warning disable CA1031 // Whatever the store met, it is the answer.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            (_failure, _hasRun) = (exception, true);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (backend.OnLambda) return;
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RunAsync(stoppingToken);
    }
}
