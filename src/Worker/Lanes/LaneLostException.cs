namespace VmDataset.Worker.Lanes;

/// <summary>A lane's supervisor died or could not start.</summary>
public sealed class LaneLostException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>It never began, for want of Python, the script or room on disk. No sample is to blame, and no quick retry helps.</summary>
    public bool CannotStart { get; init; }
}
