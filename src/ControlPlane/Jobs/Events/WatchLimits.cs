namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>How often watched jobs are read, and for how many.</summary>
internal sealed record WatchLimits
{
    /// <summary>Streams at once in this process.</summary>
    public int MaxStreams { get; init; } = 1_000;

    /// <summary>Streams at once of one caller in this process.</summary>
    public int MaxStreamsPerCaller { get; init; } = 100;

    /// <summary>A stream ends after so long, and the client's next one goes on: by then its credential is looked at again.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From one reading of a job to the next, at least.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>A reading is followed by a pause of so many times its length: it never takes more than a fifth of the time.</summary>
    public int PauseFactor { get; init; } = 4;

    /// <summary>A silent connection is used after so long, that whatever lies between does not cut it.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may wait for the first reading.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a client waits before it connects again.</summary>
    public required TimeSpan Retry { get; init; }

    /// <summary>Whether a stream ends with what there is to tell at once.</summary>
    public bool OneLook { get; init; }

    /// <summary>After so many bytes a stream ends between two failures, and the client's next one goes on.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    public static WatchLimits For(BackendOptions backend)
    {
        var usual = backend.Engine == BackendKind.Local
            ? new WatchLimits { Interval = TimeSpan.FromSeconds(1), Retry = TimeSpan.FromSeconds(2) }
            : new WatchLimits { Interval = TimeSpan.FromSeconds(3), Retry = TimeSpan.FromSeconds(3) };
        // Lambda hands an answer out when it is complete, and 6 MB of it with base64: to hold it back would only make the news old
        // and keep a function busy.
        return backend.OnLambda ? usual with { OneLook = true, Retry = TimeSpan.FromSeconds(5), MaxBytes = 2 << 20 } : usual;
    }
}
