using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>What happened to a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Rates">Its pace; null before the first finished sample.</param>
public sealed record TimelineModel(JobView Job, RateHistory? Rates);
