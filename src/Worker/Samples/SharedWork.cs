namespace VmDataset.Worker.Samples;

/// <summary>Work for all who want its result, which is cancelled when the last of them has left. A result is kept, a failure is
/// not.</summary>
internal static class SharedWork
{
    /// <summary>Whether the work under this key is done or going on.</summary>
    public static bool IsThere<T>(Dictionary<string, SharedWork<T>> all, string key)
    {
        lock (all) return all.ContainsKey(key);
    }

    /// <summary>What is left of a time that began with the work.</summary>
    public static TimeSpan Left<T>(Dictionary<string, SharedWork<T>> all, string key, TimeSpan time)
    {
        lock (all)
        {
            var left = all.TryGetValue(key, out var work) ? time - Stopwatch.GetElapsedTime(work.Begun) : TimeSpan.Zero;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Waits for the work under this key; begins it if nobody has.</summary>
    /// <exception cref="OperationCanceledException">The caller wants it no more.</exception>
    public static async Task<T> JoinAsync<T>(
        Dictionary<string, SharedWork<T>> all, string key, Func<CancellationToken, Task<T>> begin, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SharedWork<T> work;
        lock (all)
        {
            if (!all.TryGetValue(key, out work!)) all.Add(key, work = new SharedWork<T>(begin));
            work.Waiting++;
        }

        try
        {
            return await work.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            var unwanted = false;
            lock (all)
            {
                var isLast = --work.Waiting == 0;
                unwanted = isLast && !work.Result.IsCompleted;
                if ((unwanted || work.Result is { IsCompleted: true, IsCompletedSuccessfully: false })
                    && all.GetValueOrDefault(key) == work) all.Remove(key);
            }

            if (unwanted) await work.CancelAsync();
        }
    }
}

internal sealed class SharedWork<T>
{
    public SharedWork(Func<CancellationToken, Task<T>> begin)
    {
        var end = new CancellationTokenSource();
        CancelAsync = end.CancelAsync;
        Result = Task.Run(() => begin(end.Token), CancellationToken.None);
        // If it is cancelled, nobody waits for it.
        _ = Result.ContinueWith(static task => task.Exception, TaskScheduler.Default);
    }

    public Task<T> Result { get; }

    public long Begun { get; } = Stopwatch.GetTimestamp();

    public int Waiting { get; set; }

    public Func<Task> CancelAsync { get; }
}
