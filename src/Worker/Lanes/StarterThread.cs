namespace VmDataset.Worker.Lanes;

/// <summary>
/// A thread that lasts as long as this process. The signal that a child asks for at its parent's death (prctl(2), PR_SET_PDEATHSIG) comes
/// when the thread that started the child ends, and one of the pool may end at any time.
/// </summary>
internal static class StarterThread
{
    private static readonly BlockingCollection<Action> Starts = [];

    static StarterThread()
    {
        new Thread(static () =>
        {
            foreach (var start in Starts.GetConsumingEnumerable()) start();
        })
        { IsBackground = true, Name = "generator host starter" }.Start();
    }

    public static Task<T> RunAsync<T>(Func<T> start)
    {
        var started = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
#pragma warning disable CA1031 // The caller gets it.
            try
            {
                started.SetResult(start());
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
#pragma warning restore CA1031
        });
        return started.Task;
    }
}
