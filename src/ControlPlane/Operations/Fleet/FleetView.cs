using VmDataset.ControlPlane.Settings;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>How the workers do. What the engine does not have is absent, and <c>notes</c> says why.</summary>
public sealed record FleetView
{
    /// <summary>Where the workers are.</summary>
    public required BackendKind Engine { get; init; }

    /// <summary>The time that the series cover; absent where there are none.</summary>
    public FleetWindow? Window { get; init; }

    /// <summary>The queue that feeds the workers.</summary>
    public required FleetQueue Queue { get; init; }

    /// <summary>The Lambda function; absent if none is configured.</summary>
    public FleetFunction? Function { get; init; }

    /// <summary>The worker within this process; absent if it has none.</summary>
    public FleetWorker? Worker { get; init; }

    /// <summary>Why something is absent, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>The time that the series cover.</summary>
public sealed record FleetWindow
{
    /// <summary>Its begin (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Its end (UTC), exclusive.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Each point stands for so many seconds from its time on.</summary>
    /// <example>60</example>
    public required int PeriodSeconds { get; init; }
}

/// <summary>The queue. CloudWatch's figures lag by some minutes.</summary>
public sealed record FleetQueue
{
    /// <summary>Messages that wait; absent if the queue cannot tell.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages that workers have in hand; absent if the queue cannot tell.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }

    /// <summary>Messages in the dead-letter queue; absent if the queue cannot tell.</summary>
    /// <example>0</example>
    public long? Dead { get; init; }

    /// <summary>How long ago the oldest message was sent that waits (on SQS: that waits or is in work); absent if there is none.</summary>
    /// <example>12.5</example>
    public double? OldestAgeSeconds { get; init; }

    /// <summary>Age of the oldest message (seconds, the most per period).</summary>
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

    /// <summary>Workers at once (the most per period).</summary>
    public required FleetSeries ConcurrentExecutions { get; init; }

    /// <summary>Invocations per period.</summary>
    public required FleetSeries Invocations { get; init; }

    /// <summary>Invocations per period that failed as a whole; samples that fail alone are not among them.</summary>
    public required FleetSeries Errors { get; init; }

    /// <summary>Invocations per period that Lambda turned down for want of concurrency.</summary>
    public required FleetSeries Throttles { get; init; }

    /// <summary>Duration of an invocation (seconds, the average per period).</summary>
    public required FleetSeries AverageSeconds { get; init; }

    /// <summary>Duration of an invocation (seconds, the most per period).</summary>
    public required FleetSeries MaxSeconds { get; init; }
}

/// <summary>The worker within this process. A lane is a Python process that draws samples.</summary>
public sealed record FleetWorker
{
    /// <summary>Samples that it draws at once, at most.</summary>
    /// <example>2</example>
    public required int Lanes { get; init; }

    /// <summary>Lanes that draw a sample now, or start.</summary>
    /// <example>1</example>
    public required int Busy { get; init; }

    /// <summary>Lanes alive, busy or idle.</summary>
    /// <example>3</example>
    public required int Live { get; init; }

    /// <summary>Lanes that may be alive, at most.</summary>
    /// <example>8</example>
    public required int MaxLive { get; init; }

    /// <summary>
    /// How generators are confined: <c>landlock-</c> and the kernel's version of it, <c>off</c> (as set) or <c>unsupported</c>; absent until
    /// Python has started.
    /// </summary>
    /// <example>landlock-7</example>
    public string? Sandbox { get; init; }

    /// <summary>What generators can still do of what a sandbox is to refuse, a phrase each; absent until Python has started.</summary>
    public IReadOnlyList<string>? Unconfined { get; init; }
}

/// <summary>A figure over time.</summary>
public sealed record FleetSeries
{
    /// <summary>The last point's value; absent if there is no point.</summary>
    /// <example>3</example>
    public double? Latest { get; init; }

    /// <summary>Oldest first; a period without data has none.</summary>
    public required IReadOnlyList<FleetPoint> Points { get; init; }
}

/// <summary>A figure at a time.</summary>
public sealed record FleetPoint
{
    /// <summary>When its period began (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The figure.</summary>
    /// <example>3</example>
    public required double Value { get; init; }
}
