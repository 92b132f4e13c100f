namespace VmDataset.Pipeline.Aws.CloudWatch;

/// <summary>Reads metrics.</summary>
public interface ICloudWatch
{
    /// <summary>The points of every query, oldest first, in the order of the queries; a period without data has no point.</summary>
    /// <param name="queries">1 to 500.</param>
    /// <param name="from">A whole number of periods before <paramref name="until"/>.</param>
    /// <param name="until">Exclusive.</param>
    /// <exception cref="CloudWatchException">CloudWatch cannot be reached, or refuses.</exception>
    Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> GetMetricDataAsync(
        IReadOnlyList<MetricQuery> queries, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken = default);
}

/// <param name="Namespace">Such as <c>AWS/Lambda</c>.</param>
/// <param name="Name">The metric's.</param>
/// <param name="Dimension">Such as <c>FunctionName</c>.</param>
/// <param name="DimensionValue">Whose figures.</param>
/// <param name="Statistic">Such as <c>Sum</c>.</param>
/// <param name="Period">Whole minutes.</param>
public sealed record MetricQuery(string Namespace, string Name, string Dimension, string DimensionValue, string Statistic, TimeSpan Period);

/// <param name="At">When its period began (UTC).</param>
/// <param name="Value">In the metric's own unit.</param>
public sealed record MetricPoint(DateTimeOffset At, double Value);

/// <summary>CloudWatch was not reached, or refused.</summary>
/// <param name="code">The service's own code for the error; null when it was not reached or its answer cannot be read.</param>
public sealed class CloudWatchException(string? code, string message, Exception? inner = null) : IOException(message, inner)
{
    public string? Code => code;
}
