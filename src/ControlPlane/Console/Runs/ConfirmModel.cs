using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>The question before an action.</summary>
/// <param name="Generator">The generator that a retry is to be about; null for all.</param>
public sealed record ConfirmModel(JobView Job, RunAction Action, string? Generator);
