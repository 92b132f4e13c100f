namespace VmDataset.ControlPlane.Planning;

/// <summary>What a job was expected to take when it was submitted.</summary>
public sealed record PlannedView
{
    /// <summary>The least certain source of its generators' figures.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>Seconds from the submission to the last sample.</summary>
    public required RangeView Seconds { get; init; }

    /// <summary>Minutes of lanes; on the local backend.</summary>
    public RangeView? CoreMinutes { get; init; }

    /// <summary>Seconds of functions; on the AWS backend.</summary>
    public RangeView? FunctionSeconds { get; init; }

    /// <summary>Dollars; on the AWS backend.</summary>
    public RangeView? CostUsd { get; init; }

    /// <summary>The region of the prices; on the AWS backend.</summary>
    /// <example>us-east-1</example>
    public string? Region { get; init; }

    /// <summary>The date of the prices; on the AWS backend.</summary>
    public DateOnly? PricesOf { get; init; }

    internal static PlannedView? Of(PlanRecord? plan) => plan is null ? null : new PlannedView
    {
        Basis = plan.Basis,
        Seconds = RangeView.Of(plan.Seconds, 1),
        CoreMinutes = plan.Usd is null ? RangeView.Of(plan.LaneSeconds.Select(static seconds => seconds / 60), 2) : null,
        FunctionSeconds = plan.FunctionSeconds is { } seconds ? RangeView.Of(seconds, 1) : null,
        CostUsd = plan.Usd is { } usd ? RangeView.Of(usd, 4) : null,
        Region = plan.Region,
        PricesOf = plan.PricesOf,
    };
}

/// <summary>A figure that is not certain.</summary>
public sealed record RangeView
{
    /// <summary>If all goes well.</summary>
    /// <example>190</example>
    public required double Low { get; init; }

    /// <summary>The expected figure.</summary>
    /// <example>230</example>
    public required double Likely { get; init; }

    /// <summary>If it does not.</summary>
    /// <example>300</example>
    public required double High { get; init; }

    internal static RangeView Of(Estimate estimate, int digits) => new()
    {
        Low = Math.Round(estimate.Low, digits),
        Likely = Math.Round(estimate.Likely, digits),
        High = Math.Round(estimate.High, digits),
    };
}
