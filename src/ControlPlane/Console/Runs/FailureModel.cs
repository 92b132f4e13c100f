using VmDataset.ControlPlane.Jobs.Failures;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A job's failures by cause.</summary>
/// <param name="Job">The job.</param>
/// <param name="Causes">What the page shows.</param>
/// <param name="Generator">Only this generator's; null for all.</param>
/// <param name="Halted">The generators whose work was ended: a retry of these is of all that is missing.</param>
public sealed record FailureModel(JobView Job, FailureCausePage Causes, string? Generator, IReadOnlySet<string> Halted)
{
    /// <summary>Causes on a page: of each it has a traceback and an output, and stays below 100 kB.</summary>
    public const int MaxCauses = 20;
}
