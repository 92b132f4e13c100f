namespace VmDataset.Pipeline.Planning;

/// <summary>
/// The seconds that a sample takes: log-normal, as drawing times are skewed to the right. It is kept as 1,024 equally likely values, whose
/// mean is exact, so that a draw is one look-up.
/// </summary>
public sealed class SampleTime
{
    private const int Values = 1_024;

    private readonly double[] _seconds = new double[Values];

    /// <param name="median">Seconds, above 0.</param>
    /// <param name="spread">The standard deviation of the logarithm: 0 for samples that all take as long, usually 0.1 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The median is not above 0, or the spread is below 0 or above 3.</exception>
    public SampleTime(double median, double spread)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(median);
        ArgumentOutOfRangeException.ThrowIfNegative(spread);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spread, 3);
        (Median, Spread, Mean) = (median, spread, median * Math.Exp(spread * spread / 2));
        for (var i = 0; i < Values; i++) _seconds[i] = median * Math.Exp(spread * NormalQuantile((i + 0.5) / Values));
        // The cut tails are missing in the mean of the values.
        var correction = Mean / _seconds.Average();
        for (var i = 0; i < Values; i++) _seconds[i] *= correction;
    }

    public double Median { get; }

    public double Spread { get; }

    /// <summary>Seconds; above the median if there is a spread.</summary>
    public double Mean { get; }

    /// <summary>A sample's seconds.</summary>
    public double Draw(Random random) => _seconds[random.Next(Values)];

    /// <summary>The seconds that a share of the samples stays below.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share) => _seconds[(int)Math.Clamp(share * Values, 0, Values - 1)];

    /// <summary>The share of samples that take longer, 0 to 1.</summary>
    public double ShareAbove(double seconds) => _seconds.Count(each => each > seconds) / (double)Values;

    /// <summary>The same distribution with every time multiplied.</summary>
    public SampleTime Scaled(double factor) => new(Median * factor, Spread);

    // Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23: off by less than 4.5e-4.
    private static double NormalQuantile(double p)
    {
        var t = Math.Sqrt(-2 * Math.Log(Math.Min(p, 1 - p)));
        var z = t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
        return p < 0.5 ? -z : z;
    }
}
