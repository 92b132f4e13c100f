namespace VmDataset.Pipeline.Jobs;

/// <summary>A figure that is not certain.</summary>
/// <param name="Low">If all goes well.</param>
/// <param name="Likely">What is expected.</param>
/// <param name="High">If it does not.</param>
public sealed record Estimate(double Low, double Likely, double High)
{
    /// <summary>Each figure changed in the same way.</summary>
    public Estimate Select(Func<double, double> change) => new(change(Low), change(Likely), change(High));
}
