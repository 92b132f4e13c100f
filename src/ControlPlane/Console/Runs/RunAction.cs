using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>What can be done to a job.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Label">The button's text.</param>
/// <param name="Confirms">Whether a page asks again first.</param>
/// <param name="IsDangerous">Whether it loses something.</param>
public sealed record RunAction(string Name, string Label, bool Confirms, bool IsDangerous)
{
    public static RunAction Pause { get; } = new("pause", "Pause", false, false);

    public static RunAction Resume { get; } = new("resume", "Resume", false, false);

    public static RunAction Cancel { get; } = new("cancel", "Cancel", true, true);

    public static RunAction Retry { get; } = new("retry", "Retry", true, false);

    public static RunAction Delete { get; } = new("delete", "Delete", true, true);

    /// <summary>Those that a job's state allows.</summary>
    public static IReadOnlyList<RunAction> Of(JobView job) => job.State switch
    {
        JobState.Submitting or JobState.Running => [Pause, Cancel],
        JobState.Paused => [Resume, Cancel],
        JobState.Failed or JobState.Cancelled => [Retry, Delete],
        _ => [Delete],
    };
}
