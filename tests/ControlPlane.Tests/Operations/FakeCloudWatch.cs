using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Tests.Operations;

/// <summary>Answers from a table of metrics by name and statistic, and remembers what it was asked.</summary>
internal sealed class FakeCloudWatch : ICloudWatch
{
    public Dictionary<string, IReadOnlyList<MetricPoint>> Points { get; } = [];

    public CloudWatchException? Failure { get; set; }

    public IReadOnlyList<MetricQuery> Asked { get; private set; } = [];

    public (DateTimeOffset From, DateTimeOffset Until) Window { get; private set; }

    public Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> GetMetricDataAsync(
        IReadOnlyList<MetricQuery> queries, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken = default)
    {
        if (Failure is not null) throw Failure;
        (Asked, Window) = (queries, (from, until));
        return Task.FromResult<IReadOnlyList<IReadOnlyList<MetricPoint>>>(
            [.. queries.Select(query => Points.GetValueOrDefault($"{query.Name} {query.Statistic}") ?? [])]);
    }
}
