using System.Net.Http.Headers;
using Microsoft.Extensions.Configuration;

namespace VmDataset.Worker.Lambda;

/// <summary>
/// A client of the Lambda Runtime API, version 2018-06-01 (Lambda developer guide, "Using the Lambda runtime API for custom
/// runtimes"). Any answer that is not a success is an <see cref="HttpRequestException"/>: the process ends and Lambda starts another.
/// </summary>
internal sealed class RuntimeApi(Uri root) : IDisposable
{
    private const string Version = "2018-06-01";
    private const string ErrorType = "Lambda-Runtime-Function-Error-Type";
    // The next event may come in hours; the process is frozen meanwhile.
    private readonly HttpClient _client = new(NoProxy())
    {
        BaseAddress = new Uri(root, $"{Version}/runtime/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Null where Lambda did not start this process.</summary>
    public static RuntimeApi? Find(IConfiguration configuration) =>
        configuration["AWS_LAMBDA_RUNTIME_API"] is { Length: > 0 } address ? new RuntimeApi(new Uri($"http://{address}/")) : null;

    /// <summary>Waits for the next event.</summary>
    public async Task<Invocation> NextAsync(CancellationToken cancellationToken = default)
    {
        using var answer = (await _client.GetAsync(new Uri("invocation/next", UriKind.Relative), cancellationToken))
            .EnsureSuccessStatusCode();
        var text = Header(answer, "Lambda-Runtime-Deadline-Ms");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var deadline))
            throw new HttpRequestException($"The Runtime API's deadline is '{text}', which is no number of milliseconds.");
        return new Invocation(Header(answer, "Lambda-Runtime-Aws-Request-Id"), DateTimeOffset.FromUnixTimeMilliseconds(deadline),
            await answer.Content.ReadAsByteArrayAsync(cancellationToken))
        {
            TraceId = answer.Headers.TryGetValues("Lambda-Runtime-Trace-Id", out var traces) ? traces.First() : null,
        };
    }

    /// <summary>Answers an event.</summary>
    public Task RespondAsync(Invocation invocation, byte[] body) =>
        PostAsync($"invocation/{invocation.RequestId}/response", body, errorType: null);

    /// <summary>Says that the event could not be dealt with: Lambda delivers its messages again.</summary>
    public Task FailAsync(Invocation invocation, Exception exception) =>
        PostAsync($"invocation/{invocation.RequestId}/error", Body(exception), exception.GetType().Name);

    /// <summary>Says that the function cannot start.</summary>
    public Task FailInitAsync(Exception exception) => PostAsync("init/error", Body(exception), exception.GetType().Name);

    public void Dispose() => _client.Dispose();

    private async Task PostAsync(string path, byte[] body, string? errorType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        if (errorType is not null) request.Headers.Add(ErrorType, $"Worker.{errorType}");
        using var answer = await _client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    // The Runtime API is on this machine; a proxy of the environment is for what lies outside.
    private static SocketsHttpHandler NoProxy() => new() { UseProxy = false };

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.First()
            : throw new HttpRequestException($"The Runtime API's answer has no header {name}.");

    private static byte[] Body(Exception exception) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        errorMessage = exception.Message,
        errorType = exception.GetType().Name,
        stackTrace = (exception.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
    });
}

/// <param name="RequestId">Names the invocation.</param>
/// <param name="Deadline">Lambda ends the function then.</param>
/// <param name="Event">JSON.</param>
internal sealed record Invocation(string RequestId, DateTimeOffset Deadline, byte[] Event)
{
    /// <summary>X-Ray's name of the trace, as the header has it; null without one.</summary>
    public string? TraceId { get; init; }
}
