using System.Collections.Concurrent;
using System.Diagnostics;

namespace VmDataset.Tests.Aws;

/// <summary>Waits of one length, never shorter and about a millisecond longer; Task.Delay is up to 5 ms early.</summary>
public sealed class FixedDelay : IDisposable
{
    private readonly TimeSpan _length;
    private readonly BlockingCollection<(long Since, TaskCompletionSource Done)> _waiting = [];

    public FixedDelay(TimeSpan length)
    {
        _length = length;
        // All waits have the same length, so they end in the order in which they began.
        if (length > TimeSpan.Zero) new Thread(Serve) { IsBackground = true, Name = nameof(FixedDelay) }.Start();
    }

    public Task WaitAsync()
    {
        if (_length <= TimeSpan.Zero) return Task.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((Stopwatch.GetTimestamp(), done));
        return done.Task;
    }

    public void Dispose() => _waiting.CompleteAdding();

    private void Serve()
    {
        foreach (var (since, done) in _waiting.GetConsumingEnumerable())
        {
            for (var left = _length - Stopwatch.GetElapsedTime(since); left > TimeSpan.Zero; left = _length - Stopwatch.GetElapsedTime(since))
                Thread.Sleep((int)Math.Ceiling(left.TotalMilliseconds));
            done.SetResult();
        }
    }
}
