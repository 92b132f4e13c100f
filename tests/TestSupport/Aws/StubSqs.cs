using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VmDataset.Tests.Aws;

/// <summary>
/// An SQS that knows SendMessageBatch and GetQueueAttributes (AWS JSON 1.0), answers after a fixed time, counts exactly and fails as it is told.
/// It holds 16 bytes of each message, so that a million of them can be told apart.
/// </summary>
public sealed class StubSqs : IAsyncDisposable
{
    private const string SendMessageBatch = "AmazonSQS.SendMessageBatch";
    private const string GetQueueAttributes = "AmazonSQS.GetQueueAttributes";

    private readonly WebApplication _app;
    private readonly FixedDelay _latency;
    private readonly Dictionary<UInt128, Seen> _seen = [];
    private readonly Lock _lock = new();
    private int _requests;

    private StubSqs(TimeSpan latency)
    {
        _latency = new FixedDelay(latency);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The whole request fails? Asked with its number, 1 for the first; called by many threads.</summary>
    public Func<int, RequestFault?> FailRequest { get; set; } = static _ => null;

    /// <summary>An entry fails, under a status of 200? Asked with its body and how often it came, 1 for the first time.</summary>
    public Func<string, int, EntryFault?> FailEntry { get; set; } = static (_, _) => null;

    public Uri Endpoint => new(_app.Urls.Single());

    public string QueueUrl => new Uri(Endpoint, "/000000000000/stub").AbsoluteUri;

    public static async Task<StubSqs> StartAsync(TimeSpan latency = default)
    {
        var stub = new StubSqs(latency);
        await stub._app.StartAsync();
        return stub;
    }

    /// <summary>What has been counted since the last <see cref="Reset"/>.</summary>
    public StubSqsCounts Counts()
    {
        lock (_lock)
            return new StubSqsCounts(_requests, _seen.Values.Sum(static seen => (long)seen.Taken), _seen.Values.Count(static seen => seen.Taken > 0));
    }

    public void Reset()
    {
        lock (_lock)
        {
            _requests = 0;
            _seen.Clear();
        }
    }

    /// <summary>How often a message came, and how often it was taken.</summary>
    public (int Came, int Taken) Of(string body)
    {
        lock (_lock)
        {
            var seen = _seen.GetValueOrDefault(Key(Digest(body)));
            return (seen.Came, seen.Taken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _latency.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var latency = _latency.WaitAsync();
        if (http.Request.Path == "/counts")
        {
            await http.Response.WriteAsJsonAsync(Counts());
            return;
        }

        if (http.Request.Path == "/reset")
        {
            Reset();
            return;
        }

        var target = http.Request.Headers["X-Amz-Target"].ToString();
        var request = await JsonSerializer.DeserializeAsync<Request>(http.Request.Body, cancellationToken: http.RequestAborted);
        var fault = target switch
        {
            SendMessageBatch => FailRequest(Interlocked.Increment(ref _requests)),
            GetQueueAttributes => null,
            _ => new RequestFault(400, "UnsupportedOperation", $"The stub was asked for '{target}'; it knows {SendMessageBatch} and {GetQueueAttributes}."),
        };
        using var answer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(answer))
        {
            if (fault is not null) Refuse(fault, json, http.Response);
            else if (target == GetQueueAttributes) Describe(json);
            else Take(request!.Entries, json);
        }

        await latency;
        http.Response.ContentType = "application/x-amz-json-1.0";
        http.Response.ContentLength = answer.Length;
        await http.Response.Body.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), http.RequestAborted);
    }

    private void Take(IReadOnlyList<Entry> entries, Utf8JsonWriter json)
    {
        List<(string Id, EntryFault Fault)> failed = [];
        json.WriteStartObject();
        json.WriteStartArray("Successful");
        foreach (var (id, body) in entries)
        {
            var digest = Digest(body);
            if (Count(digest, body) is { } fault)
            {
                failed.Add((id, fault));
                continue;
            }

            json.WriteStartObject();
            json.WriteString("Id", id);
            json.WriteString("MessageId", Guid.NewGuid());
            // The SDK checks it.
            json.WriteString("MD5OfMessageBody", Convert.ToHexStringLower(digest));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("Failed");
        foreach (var (id, fault) in failed)
        {
            json.WriteStartObject();
            json.WriteString("Id", id);
            json.WriteString("Code", fault.Code);
            json.WriteString("Message", fault.Message);
            json.WriteBoolean("SenderFault", fault.SenderFault);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Describe(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("Attributes");
        json.WriteString("ApproximateNumberOfMessages", Counts().Taken.ToString(CultureInfo.InvariantCulture));
        json.WriteString("ApproximateNumberOfMessagesDelayed", "0");
        json.WriteString("ApproximateNumberOfMessagesNotVisible", "0");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private EntryFault? Count(byte[] digest, string body)
    {
        lock (_lock)
        {
            ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, Key(digest), out _);
            seen.Came++;
            var fault = FailEntry(body, seen.Came);
            if (fault is null) seen.Taken++;
            return fault;
        }
    }

    private static void Refuse(RequestFault fault, Utf8JsonWriter json, HttpResponse response)
    {
        response.StatusCode = fault.Status;
        // SQS tells its older code here, which the SDK takes for the error's code.
        response.Headers["x-amzn-query-error"] = string.Create(CultureInfo.InvariantCulture, $"{fault.Code};{(fault.Status < 500 ? "Sender" : "Receiver")}");
        json.WriteStartObject();
        json.WriteString("__type", "com.amazonaws.sqs#" + fault.Code);
        json.WriteString("message", fault.Message);
        json.WriteEndObject();
    }

    [SuppressMessage("Security", "CA5351", Justification = "SQS answers with MD5.")]
    private static byte[] Digest(string body) => MD5.HashData(Encoding.UTF8.GetBytes(body));

    private static UInt128 Key(byte[] digest) => MemoryMarshal.Read<UInt128>(digest);

    private record struct Seen(int Came, int Taken);

    private sealed record Request(IReadOnlyList<Entry> Entries);

    private sealed record Entry(string Id, string MessageBody);
}

/// <param name="Requests">SendMessageBatch calls, refused ones included.</param>
/// <param name="Taken">Messages taken, copies included.</param>
/// <param name="Distinct">Messages with a body of their own.</param>
public sealed record StubSqsCounts(int Requests, long Taken, int Distinct);

public sealed record RequestFault(int Status, string Code, string Message);

public sealed record EntryFault(string Code, string Message, bool SenderFault);
