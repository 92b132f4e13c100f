using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VmDataset.Tests.Aws;

/// <summary>The Lambda Runtime API as a function's process meets it: over HTTP, one event at a time.</summary>
public sealed class FakeRuntimeApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Id, string Event, DateTimeOffset Deadline, string? Trace)> _events = Channel.CreateUnbounded<(string, string, DateTimeOffset, string?)>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<LambdaAnswer>> _answers = new();
    private readonly TaskCompletionSource<LambdaAnswer> _initError = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _nexts;

    private FakeRuntimeApi(WebApplication app) => _app = app;

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <summary>What the function said when it could not start.</summary>
    public Task<LambdaAnswer> InitError => _initError.Task;

    /// <summary>How often the function asked for an event.</summary>
    public int Nexts => Volatile.Read(ref _nexts);

    /// <summary>The request id of the latest event.</summary>
    public string? LastId { get; private set; }

    /// <summary>Answer every post with this status.</summary>
    public int? RefusePosts { get; set; }

    public static async Task<FakeRuntimeApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var fake = new FakeRuntimeApi(builder.Build());
        fake._app.MapGet("/2018-06-01/runtime/invocation/next", fake.NextAsync);
        fake._app.MapPost("/2018-06-01/runtime/invocation/{id}/response", (string id, HttpRequest request) => fake.TakeAsync(id, request, succeeded: true));
        fake._app.MapPost("/2018-06-01/runtime/invocation/{id}/error", (string id, HttpRequest request) => fake.TakeAsync(id, request, succeeded: false));
        fake._app.MapPost("/2018-06-01/runtime/init/error", (HttpRequest request) => fake.TakeAsync(null, request, succeeded: false));
        await fake._app.StartAsync();
        return fake;
    }

    /// <summary>Gives the function an event and waits for its answer.</summary>
    /// <param name="json">The event.</param>
    /// <param name="timeLeft">Until the function's deadline; 15 minutes by default.</param>
    /// <param name="traceId">X-Ray's header; null for none.</param>
    /// <param name="patience">The wait for an answer; 3 minutes by default.</param>
    /// <exception cref="TimeoutException">No answer came.</exception>
    public async Task<LambdaAnswer> InvokeAsync(string json, TimeSpan? timeLeft = null, string? traceId = null, TimeSpan? patience = null)
    {
        var id = Guid.NewGuid().ToString();
        var answer = _answers[id] = new TaskCompletionSource<LambdaAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _events.Writer.WriteAsync((id, json, DateTimeOffset.UtcNow + (timeLeft ?? TimeSpan.FromMinutes(15)), traceId));
        return await answer.Task.WaitAsync(patience ?? TimeSpan.FromMinutes(3));
    }

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task NextAsync(HttpContext context)
    {
        Interlocked.Increment(ref _nexts);
        var (id, json, deadline, trace) = await _events.Reader.ReadAsync(context.RequestAborted);
        LastId = id;
        if (trace is not null) context.Response.Headers["Lambda-Runtime-Trace-Id"] = trace;
        context.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = id;
        context.Response.Headers["Lambda-Runtime-Deadline-Ms"] = deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:eu-central-1:123456789012:function:vm-dataset-generator";
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    }

    private async Task<IResult> TakeAsync(string? id, HttpRequest request, bool succeeded)
    {
        if (RefusePosts is { } status) return Results.StatusCode(status);
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var answer = new LambdaAnswer(succeeded, await reader.ReadToEndAsync(), request.Headers["Lambda-Runtime-Function-Error-Type"]);
        if (id is null) _initError.TrySetResult(answer);
        else if (!_answers.TryGetValue(id, out var waiting) || !waiting.TrySetResult(answer)) return Results.BadRequest();
        return Results.Accepted();
    }
}

/// <param name="Succeeded">Whether it was a response; an error otherwise.</param>
/// <param name="Body">JSON.</param>
/// <param name="ErrorType">The header of an error.</param>
public sealed record LambdaAnswer(bool Succeeded, string Body, string? ErrorType);
