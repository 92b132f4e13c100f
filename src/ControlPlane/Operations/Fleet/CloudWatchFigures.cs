using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>The queue's and the function's metrics, all in one question.</summary>
internal sealed class CloudWatchFigures(ICloudWatch cloudWatch, AwsOptions aws, FleetOptions options, TimeProvider time) : IFleetFigures
{
    private static readonly (string Name, string Statistic)[] QueueMetrics =
        [("ApproximateAgeOfOldestMessage", "Maximum"), ("NumberOfMessagesSent", "Sum"), ("NumberOfMessagesDeleted", "Sum")];

    private static readonly (string Name, string Statistic)[] FunctionMetrics =
        [("ConcurrentExecutions", "Maximum"), ("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "Average"),
            ("Duration", "Maximum")];

    public async Task<FleetView> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var window = SeriesWindow.Of(minutes, time.GetUtcNow());
        var period = TimeSpan.FromSeconds(window.PeriodSeconds);
        var queue = aws.QueueUrl[(aws.QueueUrl.LastIndexOf('/') + 1)..];
        List<MetricQuery> queries =
        [
            .. QueueMetrics.Select(metric => new MetricQuery("AWS/SQS", metric.Name, "QueueName", queue, metric.Statistic, period)),
            .. options.WorkerFunctionName is not { } function ? [] : FunctionMetrics.Select(metric =>
                new MetricQuery("AWS/Lambda", metric.Name, "FunctionName", function, metric.Statistic, period)),
        ];
        var found = await cloudWatch.GetMetricDataAsync(queries, window.From, window.Until, cancellationToken);
        var oldest = Series(found[0]);
        return new FleetView
        {
            Engine = BackendKind.Aws,
            Window = window,
            Queue = new FleetQueue
            {
                OldestAgeSeconds = oldest.Latest,
                OldestAge = oldest,
                Sent = Series(found[1]),
                Deleted = Series(found[2])
            },
            Function = options.WorkerFunctionName is { } name ? Function(name, [.. found.Skip(QueueMetrics.Length)]) : null,
            Notes = options.WorkerFunctionName is null ? ["No Lambda function is configured: set WORKER_FUNCTION_NAME to see its figures."]
                : [],
        };
    }

    private static FleetFunction Function(string name, IReadOnlyList<MetricPoint>[] found) => new()
    {
        Name = name,
        ConcurrentExecutions = Series(found[0]),
        Invocations = Series(found[1]),
        Errors = Series(found[2]),
        Throttles = Series(found[3]),
        // Lambda tells milliseconds.
        AverageSeconds = Series(found[4], 0.001),
        MaxSeconds = Series(found[5], 0.001),
    };

    private static FleetSeries Series(IReadOnlyList<MetricPoint> found, double unit = 1)
    {
        List<FleetPoint> points = [.. found.Select(point => new FleetPoint { At = point.At, Value = point.Value * unit })];
        return new FleetSeries { Latest = points.LastOrDefault()?.Value, Points = points };
    }
}
