using System.Net.Http.Headers;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Posts a message, once. It follows no redirect, keeps no cookie and uses no proxy.</summary>
internal sealed partial class WebhookClient(WebhookOptions options, WebhookSigner signer, TimeProvider time, ILogger<WebhookClient> logger)
    : IDisposable
{
    /// <summary>From the name's look-up to the answer's status.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    // What of an answer is taken off the line; nobody reads it.
    private const int MaxAnswerBytes = 64 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxResponseDrainSize = MaxAnswerBytes,
        // The address is checked as a connection is made, so each attempt makes its own.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = options.AllowPrivate ? null : PublicConnection.ConnectAsync,
    })
    { Timeout = Timeout };

    /// <param name="url">The receiver.</param>
    /// <param name="id">The event.</param>
    /// <param name="body">What it is told.</param>
    /// <param name="cancellationToken">Ends the attempt, which has then failed.</param>
    public async Task<AttemptResult> SendAsync(Uri url, string id, byte[] body, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            using var request = Request(url, id, body);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new AttemptResult
            {
                Status = (int)answer.StatusCode,
                Milliseconds = clock.ElapsedMilliseconds,
                RetryAfterSeconds = RetryAfter(answer)
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Log.Failed(logger, id, exception.Message);
            return new AttemptResult { Error = Reason(exception, cancellationToken), Milliseconds = clock.ElapsedMilliseconds };
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Uri url, string id, byte[] body)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("vm-dataset-pipeline", "1"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", $"{timestamp}");
        request.Headers.Add("webhook-signature", signer.Sign(id, timestamp, body));
        return request;
    }

    private double? RetryAfter(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode || answer.Headers.RetryAfter is not { } asked) return null;
        var seconds = (asked.Delta ?? asked.Date - time.GetUtcNow())?.TotalSeconds ?? 0;
        return Math.Clamp(seconds, 0, RetrySchedule.LongestRetryAfter.TotalSeconds);
    }

    private static string Reason(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => "This server stopped before an answer came.",
        OperationCanceledException => $"No answer came within {Timeout.TotalSeconds} s.",
        { InnerException: PrivateAddressException refused } => refused.Message,
        // Not the message, which may name the address that a name stands for within this network.
        HttpRequestException failure => failure.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "The receiver's name could not be resolved.",
            HttpRequestError.SecureConnectionError =>
                "No TLS connection could be made with the receiver: its certificate is not trusted, or it speaks no TLS.",
            HttpRequestError.ConnectionError => "No connection could be made with the receiver.",
            _ => "The receiver broke the connection off, or answered with what is no HTTP.",
        },
        _ => "The attempt failed.",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Webhook event {EventId}: {Reason}")]
        public static partial void Failed(ILogger logger, string eventId, string reason);
    }
}
