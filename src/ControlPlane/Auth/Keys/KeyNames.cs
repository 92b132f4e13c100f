namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>
/// Tells which keys there are by one LIST for all who ask meanwhile: however many wrong keys come, there is one look into the
/// store in <see cref="Pause"/>, and nobody with a right one is turned away unseen.
/// </summary>
internal sealed class KeyNames(IObjectStore store, TimeProvider time)
{
    /// <summary>From one LIST's beginning to the next one's, at least.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Nobody waits for longer, and a store that hangs is to be asked again one day.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private Task<IReadOnlySet<string>>? _running;
    private Task<IReadOnlySet<string>>? _next;
    private Task _pause = Task.CompletedTask;

    /// <summary>Whether there is such a key, by a LIST that began after the call.</summary>
    /// <exception cref="IOException">The store cannot be reached.</exception>
    public async Task<bool> HasAsync(string id, CancellationToken cancellationToken)
    {
        Task<IReadOnlySet<string>> list;
        lock (_lock) list = _next ??= NextAsync(_running);
        return (await list.WaitAsync(cancellationToken)).Contains(ObjectKeys.Key(id));
    }

    private async Task<IReadOnlySet<string>> NextAsync(Task<IReadOnlySet<string>>? former)
    {
        await Task.Yield();
        if (former is not null) await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pause;
        lock (_lock) (_running, _next) = (_next, null);
        _pause = Task.Delay(Pause, time, CancellationToken.None);
        using var limit = new CancellationTokenSource(Patience);
        HashSet<string> found = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.KeyPrefix, cancellationToken: limit.Token)) found.Add(entry.Key);
        return found;
    }
}
