using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VmDataset.Tests.Aws;

/// <summary>Stands between a process and the emulator and lets requests fail as AWS does.</summary>
public sealed class FaultyAws : IAsyncDisposable
{
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect" };
    private readonly WebApplication _app;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private int _requests;
    private int _sendRequests;

    private FaultyAws(WebApplication app, Uri emulator) => (_app, Emulator) = (app, emulator);

    private Uri Emulator { get; }

    public string Endpoint => _app.Urls.First();

    /// <summary>Every n-th object write is answered with 503 SlowDown; 0 for none.</summary>
    public int SlowDownEvery { get; set; }

    /// <summary>Writes of a job's objects are not answered.</summary>
    public bool HangsAtWrites { get; set; }

    /// <summary>Writes that came while it hung.</summary>
    public int Hung { get; private set; }

    /// <summary>Every n-th entry of a batch to the queue is refused under a status of 200; 0 for none.</summary>
    public int RefuseEntryEvery { get; set; }

    /// <summary>Requests to send, up to ten messages each, that are passed on; later ones wait until this is raised.</summary>
    public int SendRequestsPassedOn { get; set; } = int.MaxValue;

    public int SlowDowns { get; private set; }

    public int RefusedEntries { get; private set; }

    /// <summary>The bodies of the messages that reached the queue, each as often as it did.</summary>
    public ConcurrentBag<string> Sent { get; } = [];

    public static async Task<FaultyAws> StartAsync(Uri emulator)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var faulty = new FaultyAws(builder.Build(), emulator);
        faulty._app.Run(faulty.HandleAsync);
        await faulty._app.StartAsync();
        return faulty;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        var number = Interlocked.Increment(ref _requests);
        if (context.Request.Headers["X-Amz-Target"].ToString().EndsWith(".SendMessageBatch", StringComparison.Ordinal))
        {
            var request = Interlocked.Increment(ref _sendRequests);
            // A client that was killed meanwhile has not sent it.
            while (request > SendRequestsPassedOn) await Task.Delay(20, context.RequestAborted);
            await SendBatchAsync(context, JsonNode.Parse(body)!.AsObject());
            return;
        }

        if (HangsAtWrites && HttpMethods.IsPut(context.Request.Method) && context.Request.Path.Value!.Contains("/jobs/", StringComparison.Ordinal))
        {
            Hung++;
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (SlowDownEvery > 0 && HttpMethods.IsPut(context.Request.Method) && number % SlowDownEvery == 0)
        {
            SlowDowns++;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
            return;
        }

        using var answer = await PassOnAsync(context.Request, body);
        await CopyAsync(answer, context.Response, await answer.Content.ReadAsByteArrayAsync());
    }

    private async Task SendBatchAsync(HttpContext context, JsonObject batch)
    {
        var entries = batch["Entries"]!.AsArray();
        List<string> refused = [];
        for (var i = entries.Count - 1; RefuseEntryEvery > 0 && i >= 0; i--)
        {
            if (Interlocked.Increment(ref _requests) % RefuseEntryEvery != 0) continue;
            refused.Add(entries[i]!["Id"]!.GetValue<string>());
            entries.RemoveAt(i);
        }

        RefusedEntries += refused.Count;
        var answerBody = new JsonObject { ["Successful"] = new JsonArray() };
        HttpResponseMessage? answer = null;
        if (entries.Count > 0)
        {
            answer = await PassOnAsync(context.Request, Encoding.UTF8.GetBytes(batch.ToJsonString()));
            foreach (var entry in entries) Sent.Add(entry!["MessageBody"]!.GetValue<string>());
            answerBody = JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync())!.AsObject();
        }

        if (refused.Count > 0)
        {
            answerBody["Failed"] = new JsonArray([.. refused.Select(static id => (JsonNode)new JsonObject
            {
                ["Id"] = id,
                ["SenderFault"] = false,
                ["Code"] = "InternalError",
                ["Message"] = "We encountered an internal error. Please try again.",
            })]);
        }

        context.Response.ContentType = "application/x-amz-json-1.0";
        await context.Response.WriteAsync(answerBody.ToJsonString());
        answer?.Dispose();
    }

    private async Task<HttpResponseMessage> PassOnAsync(HttpRequest request, byte[] body)
    {
        using var passed = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(Emulator, request.Path.ToUriComponent() + request.QueryString.ToUriComponent()));
        passed.Content = new ByteArrayContent(body);
        foreach (var (name, values) in request.Headers)
        {
            if (NotPassedOn.Contains(name)) continue;
            if (!passed.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) passed.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return await _client.SendAsync(passed);
    }

    private static async Task CopyAsync(HttpResponseMessage answer, HttpResponse response, byte[] body)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            if (!NotPassedOn.Contains(name)) response.Headers[name] = values.ToArray();
        if (body.Length > 0) await response.Body.WriteAsync(body);
    }
}
