using System.Net;
using System.Net.Http.Headers;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using VmDataset.Pipeline.Concurrency;

namespace VmDataset.Pipeline.Aws.CloudWatch;

/// <summary>A client of the one operation that is needed, instead of the SDK's package for all of CloudWatch.</summary>
/// <param name="options">Region and, for emulators, the address.</param>
/// <param name="http">Its time-out is one try's.</param>
/// <param name="credentials">Null for the SDK's own chain.</param>
public sealed class CloudWatchClient(AwsOptions options, HttpClient http, TimeProvider time, AWSCredentials? credentials = null)
    : ICloudWatch
{
    // A request waits for the answer: no more than four tries within some seconds.
    private const int Tries = 4;
    private static readonly BackOff Pauses = new(TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(2));

    private readonly Uri _address = options.EndpointUrl ?? Address(options.Region);

    public static Uri Address(string region) =>
        new($"https://monitoring.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");

    public async Task<IReadOnlyList<IReadOnlyList<MetricPoint>>> GetMetricDataAsync(
        IReadOnlyList<MetricQuery> queries, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken = default)
    {
        var points = Enumerable.Range(0, queries.Count).ToDictionary(MetricDataWire.Id, static _ => new List<MetricPoint>());
        string? token = null;
        do
        {
            var page = MetricDataWire.Page(await PostAsync(MetricDataWire.Form(queries, from, until, token), cancellationToken));
            foreach (var result in page.Results)
            {
                if (!points.TryGetValue(result.Id, out var known)) throw new CloudWatchException(
                    null, $"CloudWatch answered a query '{result.Id}' that was not asked.");
                known.AddRange(result.Points);
            }

            token = page.NextToken;
        }
        while (token is not null);
        return [.. Enumerable.Range(0, queries.Count).Select(query => points[MetricDataWire.Id(query)])];
    }

    private async Task<string> PostAsync(byte[] form, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, failure, again) = await TryAsync(form, cancellationToken);
            if (failure is null) return answer;
            if (!again || attempt == Tries) throw failure;
            await Task.Delay(Pauses.WithJitter(attempt), time, cancellationToken);
        }
    }

    private async Task<(string Answer, CloudWatchException? Failure, bool Again)> TryAsync(byte[] form, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(form, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode) return (answer, null, false);
            var (code, message) = MetricDataWire.Error(answer);
            var failure = new CloudWatchException(code, code is null
                ? $"CloudWatch answered with status {(int)response.StatusCode} and no reason."
                : $"CloudWatch refused with {code}: {message}");
            return ("", failure, response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests
                || IsThrottled(code));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return ("", new CloudWatchException(null, $"CloudWatch cannot be reached at {_address.Authority}: {exception.Message}",
                exception), true);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(byte[] form, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(form);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
        RequestSigner.Sign(request, form, await CredentialsAsync(cancellationToken), options.Region, "monitoring", time.GetUtcNow());
        return request;
    }

    private async Task<ImmutableCredentials> CredentialsAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Asked for each time: the chain caches what it found, and renews what ends.
            var found = credentials ?? await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync().WaitAsync(cancellationToken);
            return await found.GetCredentialsAsync().WaitAsync(cancellationToken);
        }
        catch (AmazonClientException exception)
        {
            throw new CloudWatchException(null, $"There are no AWS credentials for CloudWatch: {exception.Message}", exception);
        }
    }

    private static bool IsThrottled(string? code) =>
        code is "Throttling" or "ThrottlingException" or "RequestLimitExceeded" or "TooManyRequestsException" or "RequestThrottled";
}
