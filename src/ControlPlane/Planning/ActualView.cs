namespace VmDataset.ControlPlane.Planning;

/// <summary>What a job has taken so far, reckoned from the records of its finished samples.</summary>
public sealed record ActualView
{
    /// <summary>Seconds from the submission until now, or until the last sample of a job that has ended; pauses count.</summary>
    /// <example>215.4</example>
    public required double Seconds { get; init; }

    /// <summary>Minutes of lanes, failed samples included as three draws each; on the local backend.</summary>
    /// <example>7.1</example>
    public double? CoreMinutes { get; init; }

    /// <summary>
    /// Seconds of functions, failed samples included as three draws each; on the AWS backend. Cold starts are as in the plan.
    /// </summary>
    /// <example>372000</example>
    public double? FunctionSeconds { get; init; }

    /// <summary>Dollars for these seconds and the calls with them; on the AWS backend. It is no bill.</summary>
    /// <example>7.8</example>
    public double? CostUsd { get; init; }

    /// <summary>Finished samples whose records were read; the others are taken to be like them.</summary>
    /// <example>4800</example>
    public required long MeasuredSamples { get; init; }

    /// <summary>The same per generator; without those that have no finished sample yet.</summary>
    public required IReadOnlyList<ActualGeneratorView> Generators { get; init; }

    /// <summary>
    /// Seconds of the plan's likely figure that the job took more (above 0) or less, in percent. Absent until every sample has been
    /// finished.
    /// </summary>
    /// <example>-4.2</example>
    public double? SecondsErrorPercent { get; init; }

    /// <summary>The same of dollars, or of core minutes on the local backend.</summary>
    /// <example>3.1</example>
    public double? CostErrorPercent { get; init; }
}

/// <summary>What a generator's samples have taken in a job.</summary>
public sealed record ActualGeneratorView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>Finished samples.</summary>
    /// <example>10000</example>
    public required long Samples { get; init; }

    /// <summary>Samples that failed for good.</summary>
    /// <example>0</example>
    public required long Failed { get; init; }

    /// <summary>Seconds of a lane a sample.</summary>
    /// <example>0.117</example>
    public required double SecondsPerSample { get; init; }

    /// <summary>The same in the plan.</summary>
    /// <example>0.12</example>
    public double? PlannedSecondsPerSample { get; init; }
}
