using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Planning;

/// <summary>The fleet that plans are reckoned for, where a request says nothing else. The stack passes its own parameters.</summary>
internal sealed record PlanningOptions
{
    /// <summary>The region whose prices are taken; null for the backend's own, or us-east-1 where that has none here.</summary>
    [Pattern("us-east-1|us-west-2|eu-west-1|ap-northeast-1", Allowed = "us-east-1, us-west-2, eu-west-1, ap-northeast-1")]
    public string? PlanRegion { get; init; }

    /// <summary>MB of the worker function.</summary>
    [WholeNumber(Fleet.MinMemoryMb, Fleet.MaxMemoryMb)]
    public int PlanMemoryMb { get; init; } = new Fleet().MemoryMb;

    /// <summary>Messages that the mapping has under way at most.</summary>
    [WholeNumber(2, Fleet.MaxMaximumConcurrency)]
    public int PlanConcurrency { get; init; } = new Fleet().MaximumConcurrency;

    /// <summary>Functions that the account lets run at once.</summary>
    [WholeNumber(1, 1_000_000)]
    public int PlanAccountConcurrency { get; init; } = new Fleet().AccountConcurrency;

    public Fleet Fleet => new()
    {
        MemoryMb = PlanMemoryMb,
        MaximumConcurrency = PlanConcurrency,
        AccountConcurrency = PlanAccountConcurrency,
    };
}
