using System.Text.Json;

namespace VmDataset.Tests.Aws;

/// <summary>The JSON that an event source mapping makes of messages (Lambda developer guide, "Using Lambda with Amazon SQS").</summary>
public static class SqsEvents
{
    public static string Of(params IEnumerable<(string Id, string Handle, string Body, int ReceiveCount, string? Group, string? TraceParent)> messages) =>
        JsonSerializer.Serialize(new
        {
            Records = messages.Select(static message => new
            {
                messageId = message.Id,
                receiptHandle = message.Handle,
                body = message.Body,
                attributes = new Dictionary<string, string?>
                {
                    ["ApproximateReceiveCount"] = $"{message.ReceiveCount}",
                    ["SentTimestamp"] = "1545082649183",
                    ["SenderId"] = "AIDAIENQZJOLO23YVJ4VO",
                    ["ApproximateFirstReceiveTimestamp"] = "1545082649185",
                    ["MessageGroupId"] = message.Group ?? "",
                }.Where(static attribute => attribute.Value!.Length > 0).ToDictionary(),
                messageAttributes = message.TraceParent is null ? [] : new Dictionary<string, object>
                {
                    ["traceparent"] = new { stringValue = message.TraceParent, stringListValues = Array.Empty<string>(), binaryListValues = Array.Empty<string>(), dataType = "String" },
                },
                md5OfBody = "e4e68fb7bd0e697a0ae8f1bb342846b3",
                eventSource = "aws:sqs",
                eventSourceARN = "arn:aws:sqs:eu-central-1:123456789012:vm-dataset-tasks",
                awsRegion = "eu-central-1",
            }),
        });

    /// <summary>The ids that an answer names as failed.</summary>
    public static IReadOnlyList<string> Failures(string answer) => [.. JsonElement.Parse(answer).GetProperty("batchItemFailures")
        .EnumerateArray().Select(static failure => failure.GetProperty("itemIdentifier").GetString()!)];
}
