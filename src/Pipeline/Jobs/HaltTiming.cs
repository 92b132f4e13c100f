namespace VmDataset.Pipeline.Jobs;

/// <summary>
/// The pace at which workers notice that a job was cancelled, paused, stopped or deleted; the same for the control plane and workers.
/// </summary>
/// <param name="Interval">The longest time between a worker's checks; a check is a LIST for all messages of a job in a process.</param>
public sealed record HaltTiming(TimeSpan Interval)
{
    /// <summary>Between processes on one machine, where a LIST is free.</summary>
    public static readonly HaltTiming Local = new(TimeSpan.FromSeconds(1));

    /// <summary>The time in which a worker that has noticed a halt stores the samples that it had drawn.</summary>
    public static readonly TimeSpan StoringTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After a halt workers stop within the interval and store what they had drawn. After this time nothing more is stored, and what comes
    /// all the same, from a clock or a worker that is wrong, moves no end.
    /// </summary>
    public TimeSpan SettleTime => Interval + StoringTime + StoringTime;
}
