namespace VmDataset.Pipeline.Storage;

/// <summary>Notes each call of store and queue that returns, by flow of execution: so a caller can tell slow from hanging.</summary>
public static class CallProgress
{
    private static readonly AsyncLocal<IListener?> Current = new();

    /// <summary>Takes what is noted, from any thread.</summary>
    public interface IListener
    {
        /// <summary>A call has come back, or a part of its answer.</summary>
        void Note();

        /// <summary>Something else is waited for: 1 when that begins, -1 when it ends.</summary>
        void Elsewhere(int change);
    }

    /// <summary>The listener of this flow; null if there is none.</summary>
    public static IListener? Listener => Current.Value;

    /// <summary>From now on, <paramref name="listener"/> gets the calls of this flow and those that it starts; null for nobody.</summary>
    public static void Listen(IListener? listener) => Current.Value = listener;

    public static void Note() => Current.Value?.Note();

    /// <summary>Waits for what is neither store nor queue, as Python, and has time-outs of its own.</summary>
    public static async Task<T> ElsewhereAsync<T>(Func<Task<T>> wait)
    {
        var listener = Current.Value;
        listener?.Elsewhere(1);
        try
        {
            return await wait();
        }
        finally
        {
            listener?.Elsewhere(-1);
        }
    }
}
