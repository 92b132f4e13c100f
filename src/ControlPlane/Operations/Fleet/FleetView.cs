namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>The workers' figures. Figures that the backend does not have are absent, with the reason in <c>notes</c>.</summary>
public sealed record FleetView
{
    /// <summary>The backend.</summary>
    public required BackendKind Engine { get; init; }

    /// <summary>The time that the series cover; absent if there are no series.</summary>
    public FleetWindow? Window { get; init; }

    /// <summary>The queue that feeds the workers.</summary>
    public required FleetQueue Queue { get; init; }

    /// <summary>The Lambda function; absent if none is configured.</summary>
    public FleetFunction? Function { get; init; }

    /// <summary>The worker within this process; absent if there is none.</summary>
    public FleetWorker? Worker { get; init; }

    /// <summary>The reasons for absent figures, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>The time that the series cover.</summary>
public sealed record FleetWindow
{
    /// <summary>The start (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end (UTC), exclusive.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Seconds that each point covers, starting at its time.</summary>
    /// <example>60</example>
    public required int PeriodSeconds { get; init; }
}

/// <summary>The queue. CloudWatch's figures lag by some minutes.</summary>
public sealed record FleetQueue
{
    /// <summary>Messages that wait; absent if the queue does not report it.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages that workers are processing; absent if the queue does not report it.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }

    /// <summary>Messages in the dead-letter queue; absent if the queue does not report it.</summary>
    /// <example>0</example>
    public long? Dead { get; init; }

    /// <summary>Seconds since the oldest waiting message was sent (on SQS: waiting or being processed); absent if there is none.</summary>
    /// <example>12.5</example>
    public double? OldestAgeSeconds { get; init; }

    /// <summary>Age of the oldest message (seconds, maximum per period).</summary>
    public FleetSeries? OldestAge { get; init; }

    /// <summary>Messages sent per period.</summary>
    public FleetSeries? Sent { get; init; }

    /// <summary>Messages finished per period.</summary>
    public FleetSeries? Deleted { get; init; }
}

/// <summary>The Lambda function's figures. A period in which it was not invoked has no point.</summary>
public sealed record FleetFunction
{
    /// <summary>The function's name.</summary>
    /// <example>vm-dataset-generator</example>
    public required string Name { get; init; }

    /// <summary>Concurrent workers (maximum per period).</summary>
    public required FleetSeries ConcurrentExecutions { get; init; }

    /// <summary>Invocations per period.</summary>
    public required FleetSeries Invocations { get; init; }

    /// <summary>Invocations per period that failed as a whole; a sample that fails does not count.</summary>
    public required FleetSeries Errors { get; init; }

    /// <summary>Invocations per period that Lambda rejected for lack of concurrency.</summary>
    public required FleetSeries Throttles { get; init; }

    /// <summary>Duration of an invocation (seconds, average per period).</summary>
    public required FleetSeries AverageSeconds { get; init; }

    /// <summary>Duration of an invocation (seconds, maximum per period).</summary>
    public required FleetSeries MaxSeconds { get; init; }
}

/// <summary>The worker within this process. A lane is a Python process that draws samples.</summary>
public sealed record FleetWorker
{
    /// <summary>Maximum number of samples drawn at the same time.</summary>
    /// <example>2</example>
    public required int Lanes { get; init; }

    /// <summary>Lanes that are drawing a sample or starting.</summary>
    /// <example>1</example>
    public required int Busy { get; init; }

    /// <summary>Lanes alive, busy or idle.</summary>
    /// <example>3</example>
    public required int Live { get; init; }

    /// <summary>Maximum number of live lanes.</summary>
    /// <example>8</example>
    public required int MaxLive { get; init; }

    /// <summary>
    /// The generators' sandbox: <c>landlock-</c> and the kernel's version of it, <c>off</c> (by setting) or <c>unsupported</c>; absent
    /// until Python has started.
    /// </summary>
    /// <example>landlock-7</example>
    public string? Sandbox { get; init; }

    /// <summary>The restrictions of a sandbox that do not hold here, a phrase each; absent until Python has started.</summary>
    public IReadOnlyList<string>? Unconfined { get; init; }
}

/// <summary>A figure over time.</summary>
public sealed record FleetSeries
{
    /// <summary>The last point's value; absent if there is no point.</summary>
    /// <example>3</example>
    public double? Latest { get; init; }

    /// <summary>The points, the oldest first; a period without data has none.</summary>
    public required IReadOnlyList<FleetPoint> Points { get; init; }
}

/// <summary>A figure at a time.</summary>
public sealed record FleetPoint
{
    /// <summary>Start of the period (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The figure.</summary>
    /// <example>3</example>
    public required double Value { get; init; }
}
