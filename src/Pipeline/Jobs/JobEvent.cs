using System.Runtime.Serialization;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Something that was done to a job after it was submitted. Written once, never changed.</summary>
public sealed record JobEvent
{
    /// <summary>Its place in the job's log, from 1 without gaps.</summary>
    public required int Number { get; init; }

    [JsonPropertyName("verb")]
    public required JobEventType Type { get; init; }

    /// <summary>The generator it is about; null for the whole job.</summary>
    public string? Generator { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it; null for the system itself and where nobody is known.</summary>
    public string? By { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds that a sample may take from here on, with <see cref="JobEventType.Retried"/>; null for the worker's own
    /// limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The version that is drawn, with <see cref="JobEventType.GeneratorChanged"/>.</summary>
    public string? Version { get; init; }

    /// <summary>What was found, with <see cref="JobEventType.Checked"/>: one entry for each generator that was looked at.</summary>
    public IReadOnlyList<DuplicateCheck>? Checks { get; init; }
}

/// <summary>A look at a generator's samples in a job that wants no duplicates.</summary>
/// <param name="Generator">The generator.</param>
/// <param name="Candidates">How many indices from the job's first on were drawn and looked at.</param>
/// <param name="Distinct">How many different samples they gave.</param>
/// <param name="Next">How many indices are to be drawn altogether; as many as were looked at when the search is over.</param>
/// <param name="Failed">How many of the candidates had failed for good: a retry fills these, no further index does.</param>
public sealed record DuplicateCheck(string Generator, int Candidates, int Distinct, int Next, int Failed = 0)
{
    /// <summary>Whether no further indices are to be drawn.</summary>
    public bool Settled => Next == Candidates;
}

/// <summary>The kinds of a job's events.</summary>
[DataContract(Name = "JobVerb")]
public enum JobEventType
{
    /// <summary>No more work; what is done stays.</summary>
    Cancelled,

    /// <summary>No work until it is resumed.</summary>
    Paused,

    /// <summary>What is missing and was not given up is sent again.</summary>
    Resumed,

    /// <summary>What is missing is sent again, all that was given up included.</summary>
    Retried,

    /// <summary>The failure budget is spent.</summary>
    Stopped,

    /// <summary>Duplicates were counted; where they left too few samples, further indices are sent.</summary>
    Checked,

    /// <summary>A worker draws another version of a generator than the job was submitted with.</summary>
    GeneratorChanged,

    /// <summary>Data and records are removed. The last event there can be.</summary>
    Deleted,
}
