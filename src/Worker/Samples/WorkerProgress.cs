namespace VmDataset.Worker.Samples;

/// <summary>Times each draw and each reading in this process, so that a hanging one is seen from outside.</summary>
public sealed class WorkerProgress(TimeProvider time)
{
    /// <summary>Beyond its own time-out, what is in work has so long to be killed, or given up.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private readonly Dictionary<long, (string What, long Since, TimeSpan Limit)> _inWork = [];
    private long _next;
    private long _lastEnd = time.GetTimestamp();

    /// <summary>Says that something is begun; dispose the answer when it has ended, however.</summary>
    /// <param name="what">What it is, as the end of a sentence.</param>
    public IDisposable Begin(string what, TimeSpan limit)
    {
        lock (_inWork)
        {
            _inWork.Add(++_next, (what, time.GetTimestamp(), limit));
            return new Work(this, _next);
        }
    }

    /// <summary>How much is in work, when anything last came to an end, and the oldest work beyond its limit and the grace.</summary>
    public WorkerProgressFigures Read()
    {
        lock (_inWork)
        {
            var overdue = _inWork.Values.Where(each => time.GetElapsedTime(each.Since) > each.Limit + Grace)
                .OrderBy(static each => each.Since).Select(each => new OverdueWork(each.What, time.GetElapsedTime(each.Since), each.Limit))
                    .ToList();
            return new WorkerProgressFigures(_inWork.Count, time.GetElapsedTime(_lastEnd), overdue);
        }
    }

    private void End(long id)
    {
        lock (_inWork)
        {
            if (_inWork.Remove(id)) _lastEnd = time.GetTimestamp();
        }
    }

    private sealed class Work(WorkerProgress progress, long id) : IDisposable
    {
        public void Dispose() => progress.End(id);
    }
}

/// <param name="SinceLastEnd">Time since one of them came to an end.</param>
/// <param name="Overdue">Those that should have ended, the oldest first.</param>
public sealed record WorkerProgressFigures(int InWork, TimeSpan SinceLastEnd, IReadOnlyList<OverdueWork> Overdue);

public sealed record OverdueWork(string What, TimeSpan Elapsed, TimeSpan Limit);
