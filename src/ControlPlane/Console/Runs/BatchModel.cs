using VmDataset.ControlPlane.Jobs.Batches;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A page of a job's batches.</summary>
public sealed record BatchModel
{
    public required JobView Job { get; init; }

    public required IReadOnlyList<BatchView> Batches { get; init; }

    /// <summary>Only this generator's; null for all.</summary>
    public string? Generator { get; init; }

    /// <summary>Only those in this state; null for all.</summary>
    public BatchState? State { get; init; }

    /// <summary>The next page's cursor; null on the last page.</summary>
    public string? Next { get; init; }
}
