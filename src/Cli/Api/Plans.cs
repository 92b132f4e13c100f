namespace VmDataset.Cli.Api;

/// <summary>What a job will take.</summary>
internal sealed record Plan
{
    public string Basis { get => field ?? ""; init; }

    public long Samples { get; init; }

    public long Batches { get; init; }

    public long BatchSize { get; init; }

    public long BestBatchSize { get; init; }

    public long Bytes { get; init; }

    public required Spread Seconds { get; init; }

    public PlanAws? Aws { get; init; }

    public IReadOnlyList<PlanGenerator> Generators { get => field ?? []; init; }

    public IReadOnlyList<PlanWarning> Warnings { get => field ?? []; init; }
}

internal sealed record PlanAws
{
    public required Spread CostUsd { get; init; }

    public IReadOnlyList<CostLine> Lines { get => field ?? []; init; }

    public string? PricesOf { get; init; }
}

internal sealed record CostLine(string Name, double Quantity, string Unit, double Usd);

internal sealed record PlanGenerator(string Name, string Basis, double MedianSeconds, double BytesPerSample);

internal sealed record PlanWarning(string Code, string Message);
