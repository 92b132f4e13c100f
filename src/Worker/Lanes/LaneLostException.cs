namespace VmDataset.Worker.Lanes;

/// <summary>A lane's supervisor died or could not start.</summary>
public sealed class LaneLostException : Exception
{
    public LaneLostException()
    {
    }

    public LaneLostException(string message)
        : base(message)
    {
    }

    public LaneLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>It did not end: it never began, for want of Python, of the generator's script or of room for its folders. No sample is to
    /// blame, and another try at once does not help.</summary>
    public bool CannotStart { get; init; }
}
