using System.Net;
using VmDataset.Pipeline.Aws.CloudWatch;
using VmDataset.Pipeline.Queue;
using VmDataset.Tests.Aws;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class AwsFleetTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCloudWatch _cloudWatch = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_fleet_shows_the_figures_of_the_function_and_the_queue()
    {
        _cloudWatch.Points["ConcurrentExecutions Maximum"] = [new(At, 7), new(At.AddMinutes(1), 9)];
        _cloudWatch.Points["Invocations Sum"] = [new(At, 40)];
        _cloudWatch.Points["Errors Sum"] = [new(At, 0)];
        _cloudWatch.Points["Duration Average"] = [new(At, 1_250)];
        _cloudWatch.Points["Duration Maximum"] = [new(At, 60_500)];
        _cloudWatch.Points["ApproximateAgeOfOldestMessage Maximum"] = [new(At, 30), new(At.AddMinutes(1), 12)];
        _cloudWatch.Points["NumberOfMessagesDeleted Sum"] = [new(At, 38)];
        await using var api = EngineApi.OnAws(_cloudWatch, _folder, "draws");
        await api.Queue.SendAsync([new OutgoingMessage("{}", "job")], TestContext.Current.CancellationToken);

        var fleet = await api.GetAsync("/v1/fleet");

        fleet.GetProperty("engine").GetString().ShouldBe("aws");
        fleet.GetProperty("function").GetRawText().ShouldBe("""
            {"name":"draws",
            "concurrent_executions":{"latest":9,"points":[{"at":"2026-01-02T03:04:00+00:00","value":7},{"at":"2026-01-02T03:05:00+00:00","value":9}]},
            "invocations":{"latest":40,"points":[{"at":"2026-01-02T03:04:00+00:00","value":40}]},
            "errors":{"latest":0,"points":[{"at":"2026-01-02T03:04:00+00:00","value":0}]},
            "throttles":{"points":[]},
            "average_seconds":{"latest":1.25,"points":[{"at":"2026-01-02T03:04:00+00:00","value":1.25}]},
            "max_seconds":{"latest":60.5,"points":[{"at":"2026-01-02T03:04:00+00:00","value":60.5}]}}
            """.ReplaceLineEndings(""));
        var queue = fleet.GetProperty("queue");
        queue.GetProperty("queued").GetInt64().ShouldBe(1);
        queue.GetProperty("oldest_age_seconds").GetDouble().ShouldBe(12);
        queue.At("oldest_age.points").GetArrayLength().ShouldBe(2);
        queue.At("sent.points").GetArrayLength().ShouldBe(0);
        queue.At("deleted.latest").GetDouble().ShouldBe(38);
        fleet.GetProperty("notes").GetRawText().ShouldBe("""["This process has no worker: EMBEDDED_WORKER is false."]""");
    }

    [Fact]
    public async Task The_fleet_queries_its_window_in_at_most_sixty_periods()
    {
        await using var api = EngineApi.OnAws(_cloudWatch, _folder, "draws");

        var fleet = await api.GetAsync("/v1/fleet?minutes=180");

        _cloudWatch.Asked.Select(static query => (query.Dimension, query.DimensionValue)).Distinct().ShouldBe([("QueueName", "tasks"), ("FunctionName", "draws")]);
        _cloudWatch.Asked.ShouldAllBe(static query => query.Period == TimeSpan.FromMinutes(3));
        (_cloudWatch.Window.Until - _cloudWatch.Window.From).ShouldBe(TimeSpan.FromHours(3));
        _cloudWatch.Window.Until.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4));
        var window = fleet.GetProperty("window");
        window.GetProperty("period_seconds").GetInt32().ShouldBe(180);
        window.GetProperty("from").GetDateTimeOffset().ShouldBe(_cloudWatch.Window.From);
        window.GetProperty("until").GetDateTimeOffset().ShouldBe(_cloudWatch.Window.Until);
    }

    [Fact]
    public async Task The_fleet_notes_that_no_function_is_configured()
    {
        await using var api = EngineApi.OnAws(_cloudWatch, _folder);

        var fleet = await api.GetAsync("/v1/fleet");

        fleet.TryGetProperty("function", out _).ShouldBeFalse();
        fleet.GetProperty("notes")[0].GetString().ShouldBe("No Lambda function is configured: set WORKER_FUNCTION_NAME to see its figures.");
        _cloudWatch.Asked.ShouldAllBe(static query => query.Namespace == "AWS/SQS");
    }

    [Theory]
    [InlineData("AccessDenied", "CloudWatch refused to give its figures (AccessDenied); ")]
    [InlineData(null, "CloudWatch did not give its figures; ")]
    public async Task The_fleet_reports_a_failure_of_CloudWatch_without_its_secrets(string? code, string expected)
    {
        _cloudWatch.Failure = new CloudWatchException(code, "arn:aws:iam::123456789012:role/secret");
        await using var api = EngineApi.OnAws(_cloudWatch, _folder);

        var problem = await api.GetAsync("/v1/fleet", HttpStatusCode.BadGateway);

        problem.GetProperty("detail").GetString().ShouldStartWith(expected);
        problem.GetProperty("trace_id").GetString().ShouldNotBeNullOrEmpty();
        problem.GetRawText().ShouldNotContain("secret");
    }

    [Fact]
    public async Task The_fleet_shows_the_figures_of_the_emulator()
    {
        using var aws = await AwsResources.CreateAsync();
        var function = $"function-{Guid.NewGuid():N}";
        var minute = new DateTimeOffset(DateTimeOffset.UtcNow.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero).AddMinutes(-3);
        await AwsCli.PutMetricsAsync("AWS/Lambda", "FunctionName", function, ("Invocations", minute, 4), ("Duration", minute, 2_000), ("ConcurrentExecutions", minute, 2));
        await AwsCli.PutMetricsAsync("AWS/SQS", "QueueName", aws.Options.QueueUrl.Split('/')[^1], ("ApproximateAgeOfOldestMessage", minute, 77));
        await aws.Sqs.SendMessageAsync(aws.Options.QueueUrl, "{}", TestContext.Current.CancellationToken);
        await using var api = new EngineApi(EngineApi.AwsSettings(aws.Options, function));

        var fleet = await api.GetAsync("/v1/fleet?minutes=30");

        fleet.At("function.invocations.points[0].at").GetDateTimeOffset().ShouldBe(minute);
        fleet.At("function.invocations.latest").GetDouble().ShouldBe(4);
        fleet.At("function.average_seconds.latest").GetDouble().ShouldBe(2);
        fleet.At("function.errors.points").GetArrayLength().ShouldBe(0);
        fleet.At("queue.oldest_age_seconds").GetDouble().ShouldBe(77);
        fleet.At("queue.queued").GetInt64().ShouldBe(1);
    }
}
