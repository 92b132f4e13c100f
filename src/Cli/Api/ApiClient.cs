using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;

namespace VmDataset.Cli.Api;

/// <summary>An answer, as the API sent it and as this program reads it.</summary>
internal sealed record ApiAnswer<T>(T Value, string Json, int Status);

/// <summary>The HTTP API.</summary>
internal sealed class ApiClient(Connection connection) : IDisposable
{
    // A Lambda function gives an answer up to 15 minutes; here nothing takes long but a preview.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private const int Redirects = 5;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public string Address => connection.Address;

    public Connection Connection => connection;

    /// <exception cref="ApiException">No answer, or none that is expected.</exception>
    public Task<ApiAnswer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    /// <param name="body">JSON; null for none.</param>
    /// <param name="expected">The one status that is right; 0 for every one from 200 to 299.</param>
    /// <exception cref="ApiException">No answer, or none that is expected.</exception>
    public async Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> type,
        CancellationToken cancellationToken, int expected = 0, string? idempotencyKey = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        using var response = await SendAsync(method, path, body, idempotencyKey, limit.Token, cancellationToken);
        var status = (int)response.StatusCode;
        var text = await TextAsync(response, limit.Token, cancellationToken);
        if (expected == 0 ? !response.IsSuccessStatusCode : status != expected) throw Problem.Refused(connection, response, text);
        if (text.Length == 0) return new ApiAnswer<T>(default!, "", status);
        try
        {
            return new ApiAnswer<T>(JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null"), text, status);
        }
        catch (JsonException exception)
        {
            throw new ApiException($"{Address} answered {status}, but this is no {type.Type.Name.ToLowerInvariant()}: {Problem.Start(text)}",
                status, exception);
        }
    }

    /// <summary>Opens a file, from a byte on. A link into the store is followed without the API's credentials.</summary>
    /// <exception cref="ApiException">No answer, or a refusal; 416: the file has no such byte.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, long from, CancellationToken cancellationToken)
    {
        var address = new Uri(Address + path);
        for (var left = Redirects; ; left--)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            // Credentials of the API are none of the store's business, and S3 refuses a signed link with another credential beside it.
            if (address.GetLeftPart(UriPartial.Authority) == new Uri(Address).GetLeftPart(UriPartial.Authority))
                await AuthorizeAsync(request, [], cancellationToken);
            var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken, cancellationToken);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                if ((int)response.StatusCode is >= 301 and <= 308 && response.Headers.Location is { } link && left > 0)
                {
                    address = new Uri(address, link);
                    continue;
                }

                throw Problem.Refused(connection, response, await TextAsync(response, cancellationToken, cancellationToken));
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, string? idempotencyKey,
        CancellationToken limit, CancellationToken asked)
    {
        using var request = new HttpRequestMessage(method, Address + path);
        var bytes = body is null ? [] : Encoding.UTF8.GetBytes(body);
        if (body is not null) request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        await AuthorizeAsync(request, bytes, asked);
        return await SendAsync(request, HttpCompletionOption.ResponseContentRead, limit, asked);
    }

    private async Task AuthorizeAsync(HttpRequestMessage request, byte[] body, CancellationToken cancellationToken)
    {
        if (connection.Signer is null && connection.Key is { } key) request.Headers.Authorization = new("Bearer", key);
        // The signature takes the header Authorization.
        else if (connection.Key is { } beside) request.Headers.Add("X-Api-Key", beside);
        if (connection.Signer is { } signer) await signer.SignAsync(request, body, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken limit,
        CancellationToken asked)
    {
        try
        {
            return await _http.SendAsync(request, completion, limit);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            && !asked.IsCancellationRequested)
        {
            throw Unanswered(exception);
        }
    }

    private async Task<string> TextAsync(HttpResponseMessage response, CancellationToken limit, CancellationToken asked)
    {
        try
        {
            return await response.Content.ReadAsStringAsync(limit);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            && !asked.IsCancellationRequested)
        {
            throw Unanswered(exception);
        }
    }

    private ApiException Unanswered(Exception exception)
    {
        var never = exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        };
        var cause = exception is OperationCanceledException ? $"nothing came within {Longest.TotalSeconds:0} s"
            : (exception.InnerException as SocketException ?? exception).Message;
        return new ApiException($"{Address} does not answer: {cause}", null, exception) { NeverConnected = never };
    }
}
