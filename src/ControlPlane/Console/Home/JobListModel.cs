using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>A page of jobs, the newest first.</summary>
/// <param name="Next">The next page's cursor; null on the last page.</param>
/// <param name="Message">What became of the last action; null without one.</param>
public sealed record JobListModel(IReadOnlyList<JobView> Jobs, string? Next, string? Message);
