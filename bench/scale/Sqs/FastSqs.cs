using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VmDataset.Bench.Scale.Sqs;

/// <summary>An SQS of two queues (AWS JSON 1.0). Of a message's attributes it keeps the reason of a dead letter.</summary>
internal sealed class FastSqs
{
    private const string Reason = "reason";
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private long _requests;

    public FastQueue Tasks { get; } = new();

    public FastQueue Dead { get; } = new();

    public long Requests => Interlocked.Read(ref _requests);

    /// <param name="http">The request.</param>
    /// <param name="latency">Ends when the answer may begin.</param>
    public async Task AnswerAsync(HttpContext http, Task latency)
    {
        Interlocked.Increment(ref _requests);
        var request = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!;
        var queue = ((string?)request["QueueUrl"])?.EndsWith("dead", StringComparison.Ordinal) == true ? Dead : Tasks;
        var answer = http.Request.Headers["X-Amz-Target"].ToString()["AmazonSQS.".Length..] switch
        {
            "SendMessage" => Send(queue, request),
            "SendMessageBatch" => Batch(request, entry => Send(queue, entry)),
            "ReceiveMessage" => await ReceiveAsync(queue, request, http.RequestAborted),
            "ChangeMessageVisibility" => Renew(queue, request),
            "ChangeMessageVisibilityBatch" => Batch(request, entry => Renew(queue, entry) ?? []),
            "DeleteMessage" => Delete(queue, request),
            "DeleteMessageBatch" => Batch(request, entry => Delete(queue, entry)),
            "GetQueueAttributes" => Describe(queue),
            _ => null,
        };
        await latency;
        http.Response.ContentType = "application/x-amz-json-1.0";
        if (answer is null)
        {
            http.Response.StatusCode = 400;
            answer = new JsonObject { ["__type"] = "com.amazonaws.sqs#ReceiptHandleIsInvalid", ["message"] = "Unknown action or handle." };
        }

        await http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }

    private static JsonObject Batch(JsonNode request, Func<JsonNode, JsonObject> one)
    {
        JsonArray done = [];
        foreach (var entry in request["Entries"]!.AsArray())
        {
            var answer = one(entry!);
            answer["Id"] = (string?)entry!["Id"];
            done.Add(answer);
        }

        return new JsonObject { ["Successful"] = done, ["Failed"] = new JsonArray() };
    }

    private static JsonObject Send(FastQueue queue, JsonNode request)
    {
        var message = new QueuedMessage(Guid.NewGuid().ToString(), (string)request["MessageBody"]!, (string?)request["MessageGroupId"])
        {
            Reason = (string?)request["MessageAttributes"]?[Reason]?["StringValue"],
        };
        queue.Send(message);
        return new JsonObject { ["MessageId"] = message.Id, ["MD5OfMessageBody"] = Md5(message.Body) };
    }

    private static async Task<JsonObject> ReceiveAsync(FastQueue queue, JsonNode request, CancellationToken stop)
    {
        var (max, lease) = ((int?)request["MaxNumberOfMessages"] ?? 1, TimeSpan.FromSeconds((int?)request["VisibilityTimeout"] ?? 900));
        var end = DateTimeOffset.UtcNow.AddSeconds((int?)request["WaitTimeSeconds"] ?? 0);
        var messages = queue.Receive(max, lease);
        while (messages.Count == 0 && DateTimeOffset.UtcNow < end)
        {
            await Task.Delay(Moment, stop);
            messages = queue.Receive(max, lease);
        }

        return new JsonObject { ["Messages"] = new JsonArray([.. messages.Select(Shown)]) };
    }

    private static JsonObject Shown(QueuedMessage message)
    {
        var attributes = new JsonObject
        {
            ["ApproximateReceiveCount"] = message.Receives.ToString(CultureInfo.InvariantCulture),
            ["SentTimestamp"] = message.SentAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        };
        if (message.Group is { } group) attributes["MessageGroupId"] = group;
        var shown = new JsonObject
        {
            ["MessageId"] = message.Id,
            ["ReceiptHandle"] = message.Handle,
            ["Body"] = message.Body,
            ["MD5OfBody"] = Md5(message.Body),
            ["Attributes"] = attributes,
        };
        if (message.Reason is { } reason) shown["MessageAttributes"] = new JsonObject
        {
            [Reason] = new JsonObject { ["DataType"] = "String", ["StringValue"] = reason },
        };
        return shown;
    }

    private static JsonObject? Renew(FastQueue queue, JsonNode request) =>
        queue.Renew((string)request["ReceiptHandle"]!, TimeSpan.FromSeconds((int)request["VisibilityTimeout"]!)) ? [] : null;

    private static JsonObject Delete(FastQueue queue, JsonNode request)
    {
        queue.Delete((string)request["ReceiptHandle"]!);
        return [];
    }

    private static JsonObject Describe(FastQueue queue)
    {
        var (waiting, inFlight) = queue.Depth();
        return new JsonObject
        {
            ["Attributes"] = new JsonObject
            {
                ["ApproximateNumberOfMessages"] = waiting.ToString(CultureInfo.InvariantCulture),
                ["ApproximateNumberOfMessagesDelayed"] = "0",
                ["ApproximateNumberOfMessagesNotVisible"] = inFlight.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    [SuppressMessage("Security", "CA5351", Justification = "SQS answers with MD5.")]
    private static string Md5(string body) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(body)));
}
