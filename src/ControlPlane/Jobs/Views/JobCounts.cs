namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>Counts of samples.</summary>
public sealed record SampleCounts
{
    /// <summary>Samples to draw: those of the request and, if duplicates are replaced, their replacements.</summary>
    /// <example>10000</example>
    public required long Total { get; init; }

    /// <summary>Finished samples.</summary>
    /// <example>1024</example>
    public required long Done { get; init; }

    /// <summary>Samples that failed for good, at the third attempt; they are in the dead-letter queue. A failure budget also counts
    /// samples of which only an earlier attempt failed.</summary>
    /// <example>0</example>
    public required long Failed { get; init; }
}

/// <summary>Counts of batches.</summary>
public sealed record BatchCounts
{
    /// <summary>All batches.</summary>
    /// <example>50</example>
    public required long Total { get; init; }

    /// <summary>Batches with every sample finished.</summary>
    /// <example>5</example>
    public required long Done { get; init; }

    /// <summary>Batches with a sample that has failed for good.</summary>
    /// <example>0</example>
    public required long Failed { get; init; }

    /// <summary>Messages of the job that wait on the queue; absent if the queue does not report it, and per generator.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages of the job that workers are processing; absent if the queue does not report it, and per generator.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }
}
