using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>What a job will take on the AWS stack.</summary>
public sealed record JobPlan
{
    /// <summary>The functions that it was reckoned for.</summary>
    public required Fleet Fleet { get; init; }

    /// <summary>Seconds from the submission to the last manifest.</summary>
    public required Estimate Seconds { get; init; }

    /// <summary>Seconds of functions that are paid for.</summary>
    public required Estimate FunctionSeconds { get; init; }

    /// <summary>Dollars: the sum of <see cref="Lines"/>, and its range.</summary>
    public required Estimate Usd { get; init; }

    /// <summary>The likely cost, line by line.</summary>
    public required IReadOnlyList<CostLine> Lines { get; init; }

    /// <summary>A month of storage of the samples; no part of the cost.</summary>
    public required CostLine Storage { get; init; }

    /// <summary>What the free tier takes off at most; no part of the cost.</summary>
    public required CostLine FreeTier { get; init; }

    /// <summary>Seconds that a message takes, on average.</summary>
    public required double SecondsPerMessage { get; init; }

    /// <summary>The batch size that suits this fleet.</summary>
    public required int BestBatchSize { get; init; }

    /// <summary>What the job should be asked before it is sent.</summary>
    public required IReadOnlyList<PlanWarning> Warnings { get; init; }

    /// <summary>The likely run.</summary>
    public required SimulationResult Simulated { get; init; }
}

/// <summary>A reason to change a job or its fleet before it runs.</summary>
/// <param name="Code">A word for programs, such as <c>files_puts</c>.</param>
/// <param name="Message">What will happen, and the way out.</param>
public sealed record PlanWarning(string Code, string Message);
