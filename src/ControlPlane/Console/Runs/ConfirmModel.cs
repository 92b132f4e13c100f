using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>The question before an action.</summary>
/// <param name="Generator">The generator that a retry is to be about; null for all.</param>
/// <param name="Cause">The cause of failures that a retry is to be about; null for all that is missing.</param>
/// <param name="Samples">The number of samples that a retry of the cause draws.</param>
public sealed record ConfirmModel(JobView Job, RunAction Action, string? Generator, string? Cause = null, long Samples = 0);
