using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A job's request.</summary>
/// <param name="Json">As the API takes it; null if the job's record cannot be read.</param>
/// <param name="Curl">The command that makes the same job again.</param>
public sealed record RequestModel(JobView Job, string? Json, string? Curl);
