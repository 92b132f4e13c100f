using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>What goes on at this server.</summary>
public sealed record HomeModel
{
    /// <summary>Jobs that have not ended, the newest first.</summary>
    public required IReadOnlyList<JobView> Running { get; init; }

    /// <summary>The newest jobs.</summary>
    public required IReadOnlyList<JobView> Newest { get; init; }

    /// <summary>Whether there are more than the newest.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Messages that wait, are in work, were given up; null where the queue does not tell.</summary>
    public required (long? Queued, long? InFlight, long? Dead) Depth { get; init; }

    /// <summary>Who draws samples.</summary>
    public required WorkersLine Workers { get; init; }

    /// <summary>Generators that jobs can use; null where that was not asked.</summary>
    public int? UsableGenerators { get; init; }

    /// <summary>Finished samples a second, of all running jobs.</summary>
    public double Rate => Running.Sum(static job => job.State == JobState.Running ? job.SamplesPerSecond ?? 0 : 0);
}

/// <summary>A sentence about the workers.</summary>
/// <param name="IsError">Whether jobs stand still for want of one.</param>
public sealed record WorkersLine(string Text, bool IsError);
