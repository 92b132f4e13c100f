#if AWS_PACKAGES
using Amazon.CloudWatch;
using Amazon.CloudWatch.Model;
using Amazon.Runtime;

namespace VmDataset.Pipeline.Aws.CloudWatch;

/// <summary>The port over the SDK's own client, where its package is compiled in (<c>-p:AwsPackages=true</c>).</summary>
public sealed class SdkCloudWatch(IAmazonCloudWatch client) : ICloudWatch
{
    // A request waits for the answer.
    private const int Retries = 3;
    private const int Connections = 8;

    public static SdkCloudWatch Create(AwsOptions options) =>
        new(new AmazonCloudWatchClient(AwsClients.Configured(new AmazonCloudWatchConfig(), options, Connections, Retries)));

    public async Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> GetMetricDataAsync(
        IReadOnlyList<MetricQuery> queries, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken = default)
    {
        var points = Enumerable.Range(0, queries.Count).ToDictionary(MetricDataWire.Id, static _ => new List<MetricPoint>());
        var request = new GetMetricDataRequest
        {
            StartTime = from.UtcDateTime,
            EndTime = until.UtcDateTime,
            ScanBy = ScanBy.TimestampAscending,
            MetricDataQueries = [.. queries.Select(Query)],
        };
        do
        {
            var page = await ReachingAsync(() => client.GetMetricDataAsync(request, cancellationToken), cancellationToken);
            foreach (var result in page.MetricDataResults ?? [])
            {
                if (result.StatusCode?.Value is "InternalError" or "Forbidden")
                    throw new CloudWatchException(result.StatusCode.Value,
                        $"CloudWatch could not answer the query {result.Id}: {result.StatusCode.Value}.");
                if (!points.TryGetValue(result.Id, out var known))
                    throw new CloudWatchException(null, $"CloudWatch answered a query '{result.Id}' that was not asked.");
                known.AddRange((result.Timestamps ?? []).Zip(result.Values ?? [], static (at, value) =>
                    new MetricPoint(new DateTimeOffset(at.ToUniversalTime()), value)));
            }

            request.NextToken = page.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));
        return [.. Enumerable.Range(0, queries.Count).Select(query => points[MetricDataWire.Id(query)])];
    }

    private static MetricDataQuery Query(MetricQuery query, int number) => new()
    {
        Id = MetricDataWire.Id(number),
        MetricStat = new MetricStat
        {
            Metric = new Amazon.CloudWatch.Model.Metric
            {
                Namespace = query.Namespace,
                MetricName = query.Name,
                Dimensions = [new Dimension { Name = query.Dimension, Value = query.DimensionValue }],
            },
            Period = (int)query.Period.TotalSeconds,
            Stat = query.Statistic,
        },
    };

    private static async Task<T> ReachingAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException exception) when (exception.ErrorCode is { Length: > 0 } code)
        {
            throw new CloudWatchException(code, $"CloudWatch refused with {code}: {exception.Message}", exception);
        }
        catch (Exception exception) when (AwsClients.IsFailure(exception)
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CloudWatchException(null, $"CloudWatch cannot be reached: {exception.Message}", exception);
        }
    }
}
#endif
