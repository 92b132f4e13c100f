namespace VmDataset.Pipeline.Jobs;

/// <summary>What a job was expected to take when it was submitted. Stored with the job and never changed.</summary>
public sealed record PlanRecord
{
    /// <summary>Seconds from the submission to the last manifest.</summary>
    public required Estimate Seconds { get; init; }

    /// <summary>Seconds that lanes draw, all of them together.</summary>
    public required Estimate LaneSeconds { get; init; }

    /// <summary>Lanes that draw at once on this machine, or in one function.</summary>
    public required int Lanes { get; init; }

    /// <summary>The least certain of its generators' figures.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>Seconds of Lambda functions; null on the local backend, as are the next four.</summary>
    public Estimate? FunctionSeconds { get; init; }

    /// <summary>Dollars.</summary>
    public Estimate? Usd { get; init; }

    /// <summary>MB of the function.</summary>
    public int? MemoryMb { get; init; }

    /// <summary>The region of the prices.</summary>
    public string? Region { get; init; }

    /// <summary>The date of the prices.</summary>
    public DateOnly? PricesOf { get; init; }

    /// <summary>Lane seconds a sample of each generator, in the order of the job's generators.</summary>
    public required IReadOnlyList<double> SecondsPerSample { get; init; }
}
