using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A job's failures, grouped.</summary>
public sealed record FailureModel
{
    /// <summary>Records that a page reads: each is an object of the store.</summary>
    public const int MaxRecords = 500;

    public required JobView Job { get; init; }

    public required IReadOnlyList<FailureGroup> Groups { get; init; }

    /// <summary>Only this generator's; null for all.</summary>
    public string? Generator { get; init; }

    /// <summary>The cursor of the records behind those on this page; null on the last page.</summary>
    public string? Next { get; init; }
}
