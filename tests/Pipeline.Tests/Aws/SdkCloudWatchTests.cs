#if AWS_PACKAGES
using System.Reflection;
using Amazon.CloudWatch;
using Amazon.CloudWatch.Model;
using VmDataset.Pipeline.Aws.CloudWatch;
using MetricDataResult = Amazon.CloudWatch.Model.MetricDataResult;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>Against a client that says what a test wants. Compiled with <c>-p:AwsPackages=true</c> alone.</summary>
public sealed class SdkCloudWatchTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Pages_are_put_together_in_the_order_of_the_queries()
    {
        var client = Client.Of(
            Page("t", Result("m1", (1, 5)), Result("m0")),
            Page(null, Result("m0", (0, 1), (2, 3))));

        var found = await ReadAsync(client);

        found[0].ShouldBe([new MetricPoint(From, 1), new MetricPoint(From.AddMinutes(2), 3)]);
        found[1].ShouldBe([new MetricPoint(From.AddMinutes(1), 5)]);
        client.Asked.Select(static asked => asked.Token).ShouldBe([null, "t"]);
        var (first, second) = (client.Asked[0].Queries[0], client.Asked[0].Queries[1]);
        (first.Id, first.MetricStat.Stat, first.MetricStat.Period, first.MetricStat.Metric.MetricName).ShouldBe(("m0", "Sum", 60, "Errors"));
        (second.Id, second.MetricStat.Metric.Dimensions.Single().Value).ShouldBe(("m1", "f"));
    }

    [Fact]
    public async Task Lists_that_are_absent_are_empty() =>
        (await ReadAsync(Client.Of(new GetMetricDataResponse()))).ShouldAllBe(static points => points.Count == 0);

    [Theory]
    [InlineData("Forbidden")]
    [InlineData("InternalError")]
    public async Task A_query_that_failed_is_told(string status)
    {
        var failed = await Should.ThrowAsync<CloudWatchException>(() =>
            ReadAsync(Client.Of(Page(null, new MetricDataResult { Id = "m1", StatusCode = new StatusCode(status) }))));

        failed.Code.ShouldBe(status);
    }

    [Fact]
    public async Task A_refusal_carries_the_services_own_code()
    {
        var refused = await Should.ThrowAsync<CloudWatchException>(() => ReadAsync(Client.Of(new AmazonCloudWatchException("no") { ErrorCode = "AccessDenied" })));
        var unreached = await Should.ThrowAsync<CloudWatchException>(() => ReadAsync(Client.Of(new HttpRequestException("no route"))));

        (refused.Code, unreached.Code).ShouldBe(("AccessDenied", null));
        unreached.Message.ShouldContain("no route");
    }

    private static Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> ReadAsync(Client client) =>
        new SdkCloudWatch((IAmazonCloudWatch)(object)client).GetMetricDataAsync([Query("Errors"), Query("Invocations")], From,
            From.AddMinutes(5), TestContext.Current.CancellationToken);

    private static MetricQuery Query(string name) => new("AWS/Lambda", name, "FunctionName", "f", "Sum", TimeSpan.FromMinutes(1));

    private static MetricDataResult Result(string id, params (int Minute, double Value)[] points) => new()
    {
        Id = id,
        StatusCode = StatusCode.Complete,
        Timestamps = [.. points.Select(static point => From.AddMinutes(point.Minute).UtcDateTime)],
        Values = [.. points.Select(static point => point.Value)],
    };

    private static GetMetricDataResponse Page(string? token, params MetricDataResult[] results) =>
        new() { MetricDataResults = [.. results], NextToken = token };

    /// <summary>The SDK's interface has a hundred operations; this one answers one of them.</summary>
    public class Client : DispatchProxy
    {
        private readonly Queue<object> _answers = [];

        public List<(string? Token, List<MetricDataQuery> Queries)> Asked { get; } = [];

        public static Client Of(params object[] answers)
        {
            var made = (Client)(object)Create<IAmazonCloudWatch, Client>();
            foreach (var answer in answers) made._answers.Enqueue(answer);
            return made;
        }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var request = (GetMetricDataRequest)args![0]!;
            Asked.Add((request.NextToken, request.MetricDataQueries));
            return _answers.Dequeue() is var answer && answer is Exception failure
                ? Task.FromException<GetMetricDataResponse>(failure) : Task.FromResult((GetMetricDataResponse)answer);
        }
    }
}
#endif
