namespace VmDataset.Pipeline.Planning;

/// <summary>A function with a message in work.</summary>
internal sealed class SimulatedFunction
{
    public SimulatedMessage Message { get; private set; }

    public double StartedAt { get; private set; }

    /// <summary>When it stops to draw, so that it can hand over.</summary>
    public double HaltAt { get; private set; }

    /// <summary>Samples not begun.</summary>
    public int Left { get; set; }

    public int Done { get; set; }

    public int BusyLanes { get; set; }

    public bool Crashes { get; private set; }

    /// <summary>Lengths of the runs of samples that failed one after another: each goes on as one message.</summary>
    public List<int> FailedRuns { get; } = [];

    public bool LastFailed { get; set; }

    public void Start(SimulatedMessage message, double now, double haltAt, bool crashes)
    {
        (Message, StartedAt, HaltAt, Crashes) = (message, now, haltAt, crashes);
        (Left, Done, BusyLanes, LastFailed) = (message.Samples, 0, 0, false);
        FailedRuns.Clear();
    }

    public void Finish(int samples, int failed)
    {
        Done += samples - failed;
        if (failed > 0)
        {
            if (LastFailed) FailedRuns[^1] += failed;
            else FailedRuns.Add(failed);
        }

        LastFailed = failed == samples;
    }
}
