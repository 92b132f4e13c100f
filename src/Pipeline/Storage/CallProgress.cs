namespace VmDataset.Pipeline.Storage;

/// <summary>
/// Lets whoever waits for store and queue tell slow from hanging: each call that comes back is noted, on the flow of execution
/// that made it.
/// </summary>
public static class CallProgress
{
    private static readonly AsyncLocal<Action?> Listener = new();

    /// <summary>From now on, on this flow and those that it starts, <paramref name="noted"/> is called at each call's end, by any thread.</summary>
    public static void Listen(Action? noted) => Listener.Value = noted;

    /// <summary>A call has come back, or a part of its answer.</summary>
    public static void Note() => Listener.Value?.Invoke();
}
