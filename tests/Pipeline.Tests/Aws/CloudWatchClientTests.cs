using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Amazon.Runtime;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>What an emulator does not do: pages, bad moments, signatures that count.</summary>
public sealed class CloudWatchClientTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2026, 1, 2, 3, 0, 0, TimeSpan.Zero);
    private static readonly AwsOptions Options = new() { Region = "eu-west-1", QueueUrl = "", DeadLetterQueueUrl = "", Bucket = "" };
    private readonly Answers _answers = new();

    public void Dispose() => _answers.Dispose();

    [Fact]
    public async Task The_client_follows_the_pages_and_joins_points_from_several()
    {
        _answers.Add(HttpStatusCode.OK, Page("<member><Id>m1</Id><StatusCode>PartialData</StatusCode><Timestamps><member>2026-01-02T03:00:00Z</member></Timestamps><Values><member>1.5</member></Values></member>", "a+b/c="));
        _answers.Add(HttpStatusCode.OK, Page("<member><Id>m0</Id><StatusCode>Complete</StatusCode><Timestamps/><Values/></member>"
            + "<member><Id>m1</Id><StatusCode>Complete</StatusCode><Timestamps><member>2026-01-02T03:01:00Z</member></Timestamps><Values><member>2.0E-4</member></Values></member>"));

        var found = await ReadAsync();

        found[0].ShouldBeEmpty();
        found[1].ShouldBe([new MetricPoint(From, 1.5), new MetricPoint(From.AddMinutes(1), 0.0002)]);
        _answers.Asked.Count.ShouldBe(2);
        _answers.Asked[0].ShouldContain("&StartTime=2026-01-02T03%3A00%3A00Z&EndTime=2026-01-02T03%3A05%3A00Z&");
        _answers.Asked[0].ShouldNotContain("NextToken");
        _answers.Asked[1].ShouldContain("&NextToken=a%2Bb%2Fc%3D&");
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "<ErrorResponse xmlns='urn:x'><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "busy")]
    public async Task The_client_retries_transient_errors(HttpStatusCode status, string body)
    {
        for (var i = 0; i < 3; i++) _answers.Add(status, body);
        _answers.Add(HttpStatusCode.OK, Page(""));

        (await ReadAsync()).Count.ShouldBe(2);
        _answers.Asked.Count.ShouldBe(4);
    }

    [Fact]
    public async Task The_client_gives_up_on_a_lasting_error_after_four_tries()
    {
        for (var i = 0; i < 5; i++) _answers.Add(HttpStatusCode.InternalServerError, "");

        var failure = await Should.ThrowAsync<CloudWatchException>(ReadAsync);

        (failure.Code, failure.Message).ShouldBe((null, "CloudWatch answered with status 500 and no reason."));
        _answers.Asked.Count.ShouldBe(4);
    }

    [Fact]
    public async Task The_client_does_not_repeat_a_refused_request()
    {
        _answers.Add(HttpStatusCode.Forbidden, "<ErrorResponse xmlns='urn:x'><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User x is not authorized</Message></Error></ErrorResponse>");

        var failure = await Should.ThrowAsync<CloudWatchException>(ReadAsync);

        (failure.Code, failure.Message).ShouldBe(("AccessDenied", "CloudWatch refused with AccessDenied: User x is not authorized"));
        _answers.Asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("<html><body>")]
    [InlineData("<a><MetricDataResults><member><Id>m0</Id><StatusCode>Forbidden</StatusCode></member></MetricDataResults></a>")]
    [InlineData("<a><MetricDataResults><member><Id>m7</Id><StatusCode>Complete</StatusCode></member></MetricDataResults></a>")]
    [InlineData("<a><MetricDataResults><member><Id>m0</Id><Timestamps><member>today</member></Timestamps><Values><member>1</member></Values></member></MetricDataResults></a>")]
    public async Task An_answer_without_usable_results_is_an_error(string body)
    {
        _answers.Add(HttpStatusCode.OK, body);
        await Should.ThrowAsync<CloudWatchException>(ReadAsync);
    }

    [Theory]
    [InlineData("eu-west-1", "https://monitoring.eu-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://monitoring.cn-north-1.amazonaws.com.cn/")]
    public void Each_region_has_its_address(string region, string address) => CloudWatchClient.Address(region).AbsoluteUri.ShouldBe(address);

    /// <summary>"post-x-www-form-urlencoded" of AWS's test suite for Signature Version 4.</summary>
    [Fact]
    public void A_signature_equals_that_of_the_published_example()
    {
        var body = "Param1=value1"u8.ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://example.amazonaws.com/") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");

        RequestSigner.Sign(request, body, new ImmutableCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null), "us-east-1", "service", new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));

        request.Headers.GetValues("x-amz-date").ShouldBe(["20150830T123600Z"]);
        request.Headers.GetValues("Authorization").ShouldBe(["AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"]);
    }

    [Fact]
    public async Task A_roles_token_is_sent_and_signed()
    {
        _answers.Add(HttpStatusCode.OK, Page(""));

        await ReadAsync();

        var headers = _answers.Headers.ShouldNotBeNull();
        headers.GetValues("x-amz-security-token").ShouldBe(["token"]);
        headers.GetValues("Authorization").Single().ShouldContain("/eu-west-1/monitoring/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, ");
    }

    private async Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> ReadAsync()
    {
        using var http = new HttpClient(_answers, disposeHandler: false);
        var client = new CloudWatchClient(Options, http, new ImpatientTime(), new SessionAWSCredentials("id", "secret", "token"));
        return await client.GetMetricDataAsync([Query("Errors"), Query("Invocations")], From, From.AddMinutes(5), TestContext.Current.CancellationToken);
    }

    private static MetricQuery Query(string name) => new("AWS/Lambda", name, "FunctionName", "f", "Sum", TimeSpan.FromMinutes(1));

    private static string Page(string members, string? token = null) =>
        $"<GetMetricDataResponse xmlns='http://monitoring.amazonaws.com/doc/2010-08-01/'><GetMetricDataResult><MetricDataResults>{members}</MetricDataResults>{(token is null ? "" : $"<NextToken>{token}</NextToken>")}</GetMetricDataResult></GetMetricDataResponse>";

    private sealed class Answers : HttpMessageHandler
    {
        private readonly Queue<(HttpStatusCode Status, string Body)> _waiting = [];

        public List<string> Asked { get; } = [];

        public HttpRequestHeaders? Headers { get; private set; }

        public void Add(HttpStatusCode status, string body) => _waiting.Enqueue((status, body));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Headers = request.Headers;
            var (status, body) = _waiting.Dequeue();
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "text/xml") };
        }
    }

    /// <summary>Its timers fire at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
