namespace VmDataset.Pipeline.Concurrency;

/// <summary>Wakes all that wait for the next change of something.</summary>
public sealed class ChangeSignal
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Completes at the next change. Take it before reading what changes, or a change between the two is missed.</summary>
    public Task Next => _next.Task;

    public void Notify() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
