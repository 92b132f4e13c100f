using Amazon.SQS;
using Amazon.SQS.Model;
using VmDataset.Pipeline.Concurrency;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Aws;

/// <summary>Sends batches of ten concurrently. SQS may refuse single entries under a status of 200; only those are sent again.</summary>
internal sealed partial class SqsSender(IAmazonSQS sqs, string queueUrl, TimeProvider time, ILogger logger)
{
    /// <summary>Concurrent requests: enough to hide their latency, few enough for two cores.</summary>
    public const int Parallelism = 64;

    private const int MaxEntries = 10;
    // SQS takes 1 MiB in all; a queue may be set to less, and 256 KiB was its bound for years.
    private const int MaxBytes = 256 * 1024;
    private const int MaxTries = 8;
    private static readonly BackOff Pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
    private const string TextType = "String";

    public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(Batches(messages), new ParallelOptions
        {
            MaxDegreeOfParallelism = Parallelism,
            CancellationToken = cancellationToken
        },
            async (batch, stop) => await SendBatchAsync(batch, stop));

    /// <summary>At most ten messages and <see cref="MaxBytes"/> each; a larger message is alone.</summary>
    internal static IEnumerable<List<OutgoingMessage>> Batches(IEnumerable<OutgoingMessage> messages)
    {
        List<OutgoingMessage> batch = [];
        var bytes = 0;
        foreach (var message in messages)
        {
            // An attribute counts by its name, its type and its value.
            var size = Encoding.UTF8.GetByteCount(message.Body)
                + (message.TraceParent is { } trace ? MessageActivities.TraceParent.Length + TextType.Length + trace.Length : 0);
            if (batch.Count == MaxEntries || (batch.Count > 0 && bytes + size > MaxBytes))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(message);
            bytes += size;
        }

        if (batch.Count > 0) yield return batch;
    }

    private async Task SendBatchAsync(List<OutgoingMessage> batch, CancellationToken cancellationToken)
    {
        var left = batch.Select(static (message, i) => new SendMessageBatchRequestEntry(
            i.ToString(CultureInfo.InvariantCulture), message.Body)
        {
            // An absent group, as a hand-written message has it, is none of SQS's groups.
            MessageGroupId = message.Group.Length > 0 ? message.Group : null,
            MessageAttributes = message.TraceParent is { } trace
                ? new() { [MessageActivities.TraceParent] = new MessageAttributeValue { DataType = TextType, StringValue = trace } } : null,
        }).ToList();
        for (var attempt = 1; ; attempt++)
        {
            var answer = await AwsClients.ReachingAsync("SQS", () => sqs.SendMessageBatchAsync(queueUrl, left, cancellationToken));
            if (answer.Failed is not { Count: > 0 } failed) return;
            var first = failed[0];
            if (attempt == MaxTries || failed.Exists(static entry => entry.SenderFault == true))
                throw new ServiceUnreachableException(
                    $"SQS refused {failed.Count} of {batch.Count} messages: {first.Code} {first.Message}");
            Log.Refused(logger, failed.Count, left.Count, first.Code, first.Message);
            var again = failed.Select(static entry => entry.Id).ToHashSet(StringComparer.Ordinal);
            left.RemoveAll(entry => !again.Contains(entry.Id));
            await Task.Delay(Pauses.WithJitter(attempt), time, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "SQS refused {Failed} of {Count} messages, which are sent again: {Code} {Message}")]
        public static partial void Refused(ILogger logger, int failed, int count, string code, string message);
    }
}
