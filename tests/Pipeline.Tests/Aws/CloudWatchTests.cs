using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>The client against an emulator.</summary>
public sealed class CloudWatchTests
{
    private readonly string _function = $"function-{Guid.NewGuid():N}";

    [Fact]
    public async Task The_points_of_every_query_are_read_oldest_first()
    {
        var from = new DateTimeOffset(DateTimeOffset.UtcNow.UtcTicks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, TimeSpan.Zero) - TimeSpan.FromHours(1);
        await AwsCli.PutMetricsAsync("AWS/Lambda", "FunctionName", _function,
            ("Invocations", from.AddMinutes(8), 5), ("Invocations", from, 1), ("Invocations", from.AddSeconds(59), 2),
            ("Duration", from.AddMinutes(2), 1_500), ("Duration", from.AddMinutes(2), 500));

        var found = await ReadAsync(from, from.AddMinutes(10), Query("Duration", "Average"), Query("Errors", "Sum"), Query("Invocations", "Sum"), Query("Duration", "Maximum"));

        found[0].ShouldBe([new MetricPoint(from.AddMinutes(2), 1_000)]);
        found[1].ShouldBeEmpty();
        found[2].ShouldBe([new MetricPoint(from, 3), new MetricPoint(from.AddMinutes(8), 5)]);
        found[3].ShouldBe([new MetricPoint(from.AddMinutes(2), 1_500)]);
    }

    [Fact]
    public async Task A_refusal_carries_the_services_own_code_and_message()
    {
        var now = DateTimeOffset.UtcNow;
        var refusal = await Should.ThrowAsync<CloudWatchException>(() => ReadAsync(now, now.AddMinutes(-5), Query("Invocations", "Sum")));

        refusal.Code.ShouldBe("ValidationError");
        refusal.Message.ShouldContain("EndTime must be greater than StartTime");
        refusal.ShouldBeAssignableTo<IOException>();
    }

    private MetricQuery Query(string name, string statistic) => new("AWS/Lambda", name, "FunctionName", _function, statistic, TimeSpan.FromMinutes(1));

    private static async Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> ReadAsync(DateTimeOffset from, DateTimeOffset until, params MetricQuery[] queries)
    {
        var emulator = await AwsEmulator.GetAsync();
        using var http = new HttpClient();
        var options = new AwsOptions { Region = AwsEmulator.Region, EndpointUrl = emulator.Endpoint, QueueUrl = "", DeadLetterQueueUrl = "", Bucket = "" };
        return await new CloudWatchClient(options, http, TimeProvider.System).GetMetricDataAsync(queries, from, until, TestContext.Current.CancellationToken);
    }
}
