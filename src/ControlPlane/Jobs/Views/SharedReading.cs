namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A reading that several share, none of whom can cancel it for the others; all of them see that its calls go on.</summary>
internal sealed class SharedReading : CallProgress.IListener
{
    private readonly ConcurrentQueue<CallProgress.IListener> _listeners = new();
    private readonly Lazy<Task<JobSnapshot>> _snapshot;

    public SharedReading(Func<SharedReading, Task<JobSnapshot>> read) => _snapshot = new(() => Task.Run(() => read(this)));

    public Task<JobSnapshot> Share()
    {
        if (CallProgress.Listener is { } listener) _listeners.Enqueue(listener);
        return _snapshot.Value;
    }

    public void Note()
    {
        foreach (var listener in _listeners) listener.Note();
    }

    public void Elsewhere(int change)
    {
        foreach (var listener in _listeners) listener.Elsewhere(change);
    }
}
