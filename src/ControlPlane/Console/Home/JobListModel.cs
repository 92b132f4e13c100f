using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>A page of jobs, the newest first.</summary>
/// <param name="State">The state that all of them have; null for any.</param>
/// <param name="Tag">The tag that all of them have; null for any.</param>
/// <param name="Next">The next page's cursor; null on the last page.</param>
/// <param name="Message">What became of the last action; null without one.</param>
public sealed record JobListModel(IReadOnlyList<JobView> Jobs, string? State, string? Tag, string? Next, string? Message);
