using VmDataset.ControlPlane.Planning;
using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>A plan's figures for the AWS stack, in dollars at list prices.</summary>
public sealed record PlanAwsView
{
    /// <summary>The fleet that was reckoned for.</summary>
    public required FleetRequest Fleet { get; init; }

    /// <summary>Seconds of functions, all together.</summary>
    public required RangeView FunctionSeconds { get; init; }

    /// <summary>Dollars, the sum of <c>lines</c> and its range.</summary>
    public required RangeView CostUsd { get; init; }

    /// <summary>The likely cost, line by line.</summary>
    public required IReadOnlyList<CostLineView> Lines { get; init; }

    /// <summary>A month of storage of the samples; no part of the cost.</summary>
    public required CostLineView Storage { get; init; }

    /// <summary>Dollars that the free tier takes off at most, if nothing else in the account uses it; no part of the cost.</summary>
    /// <example>6.9</example>
    public required double FreeTierUsd { get; init; }

    /// <summary>Seconds that a message takes.</summary>
    /// <example>21.4</example>
    public required double SecondsPerMessage { get; init; }

    /// <summary>Functions that run at once at most.</summary>
    /// <example>900</example>
    public required int PeakConcurrency { get; init; }

    /// <summary>The date of the prices.</summary>
    public required DateOnly PricesOf { get; init; }

    /// <summary>Costs that the plan does not hold.</summary>
    public required IReadOnlyList<string> Excluded { get; init; }

    /// <summary>The same job on other fleets and in both formats. The first row is the plan's own.</summary>
    public required IReadOnlyList<ComparisonRowView> Comparison { get; init; }
}

/// <summary>A line of a plan's costs.</summary>
public sealed record CostLineView
{
    /// <summary>The thing paid for.</summary>
    /// <example>lambda_compute</example>
    public required string Name { get; init; }

    /// <summary>The quantity.</summary>
    /// <example>372000</example>
    public required double Quantity { get; init; }

    /// <summary>The unit of the quantity.</summary>
    /// <example>GB-seconds</example>
    public required string Unit { get; init; }

    /// <summary>Dollars a unit.</summary>
    /// <example>0.0000166667</example>
    public required double UnitPrice { get; init; }

    /// <summary>Dollars.</summary>
    /// <example>6.2</example>
    public required double Usd { get; init; }

    internal static CostLineView Of(CostLine line) => new()
    {
        Name = line.Item,
        Quantity = Math.Round(line.Quantity, 4),
        Unit = line.Unit,
        UnitPrice = line.UnitPrice,
        Usd = Math.Round(line.Usd, 4),
    };
}

/// <summary>The job on one fleet.</summary>
public sealed record ComparisonRowView
{
    /// <summary>MB of the function.</summary>
    /// <example>1769</example>
    public required int MemoryMb { get; init; }

    /// <summary>The processor architecture.</summary>
    public required FunctionArchitecture Architecture { get; init; }

    /// <summary>The format of the samples in the store.</summary>
    public required OutputFormat OutputFormat { get; init; }

    /// <summary>The way in which the mapping grows.</summary>
    public required ScalingMode ScalingMode { get; init; }

    /// <summary>The batch size: the best one for the fleet, in the first row the request's.</summary>
    /// <example>500</example>
    public required int BatchSize { get; init; }

    /// <summary>Seconds, likely.</summary>
    /// <example>341</example>
    public required double Seconds { get; init; }

    /// <summary>Dollars, likely.</summary>
    /// <example>7.8</example>
    public required double CostUsd { get; init; }

    /// <summary>Whether it is the plan's own fleet and format.</summary>
    /// <example>false</example>
    public required bool Chosen { get; init; }

    /// <summary>Whether it is the fastest within <c>max_cost_usd</c>.</summary>
    /// <example>false</example>
    public required bool Fastest { get; init; }

    /// <summary>Whether it is the cheapest within <c>deadline_seconds</c>.</summary>
    /// <example>true</example>
    public required bool Cheapest { get; init; }

    internal static ComparisonRowView Of(ComparisonRow row) => new()
    {
        MemoryMb = row.MemoryMb,
        Architecture = row.Architecture,
        OutputFormat = row.OutputFormat,
        ScalingMode = row.ScalingMode,
        BatchSize = row.BatchSize,
        Seconds = Math.Round(row.Seconds, 1),
        CostUsd = Math.Round(row.Usd, 4),
        Chosen = row.Chosen,
        Fastest = row.Fastest,
        Cheapest = row.Cheapest,
    };
}
