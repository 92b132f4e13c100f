namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>An event of a job.</summary>
public sealed record JobEventView
{
    /// <summary>Time of the event (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>cancelled</c>, <c>paused</c>, <c>resumed</c>, <c>retried</c>, <c>stopped</c> by the failure budget, <c>checked</c> for
    /// duplicates, or <c>generator_changed</c>: a worker drew another version than the job was submitted with.</summary>
    public required JobEventType Event { get; init; }

    /// <summary>The event's generator; absent for the whole job.</summary>
    public string? Generator { get; init; }

    /// <summary>The caller that caused it, if known.</summary>
    public string? By { get; init; }

    /// <summary>The reason, if known.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds that a sample may take from then on, if a retry set them.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Number of samples that a retry of one cause took up again; absent for a retry of all that was missing.</summary>
    public long? Samples { get; init; }

    /// <summary>The version that was drawn, if a generator changed.</summary>
    public string? Version { get; init; }
}
