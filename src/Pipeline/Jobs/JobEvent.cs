using System.Runtime.Serialization;
using VmDataset.Pipeline.Ranges;

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

    public string? Reason { get; init; }

    /// <summary>Seconds that a sample may take from a <see cref="JobEventType.Retried"/> on; null for the worker's limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The given-up ranges of its generator that a <see cref="JobEventType.Retried"/> takes up again, ascending; null for all that
    /// is missing.</summary>
    public IReadOnlyList<SampleRange>? Ranges { get; init; }

    /// <summary>The version that is drawn, with <see cref="JobEventType.GeneratorChanged"/>.</summary>
    public string? Version { get; init; }

    /// <summary>What was found, with <see cref="JobEventType.Checked"/>: one entry for each generator that was looked at.</summary>
    public IReadOnlyList<DuplicateCheck>? Checks { get; init; }
}

/// <summary>A check of a generator's samples in a unique job.</summary>
/// <param name="Candidates">Indices from the job's first on that were drawn and checked.</param>
/// <param name="Distinct">Different samples among them.</param>
/// <param name="Next">Indices to be drawn altogether; equal to <paramref name="Candidates"/> when the search is over.</param>
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

    /// <summary>What is missing is sent again, all that was given up included, or the part of it that <see cref="JobEvent.Ranges"/>
    /// names.</summary>
    Retried,

    /// <summary>The failure budget or the cost limit is spent, or the deadline is over.</summary>
    Stopped,

    /// <summary>Duplicates were counted; where they left too few samples, further indices are sent.</summary>
    Checked,

    /// <summary>A worker draws another version of a generator than the job was submitted with.</summary>
    GeneratorChanged,

    /// <summary>Data and records are removed. The last event there can be.</summary>
    Deleted,
}
