using System.Globalization;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Aws;

/// <summary>The dead-letter queue. What SQS itself moved there has no time of death.</summary>
internal sealed class SqsDeadLetters(IAmazonSQS sqs, string queueUrl)
{
    private const string Reason = "reason";
    private const int MaxReasonChars = 4_000;
    private const int MaxMessageBytes = 1 << 20;
    private const int BatchSize = 10;
    // While somebody looks, nobody else sees the letters; a look that dies hides them for so long.
    private const int LookSeconds = 20;

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken) =>
        sqs.SendMessageAsync(new SendMessageRequest(queueUrl, message.Body)
        {
            MessageGroupId = message.Group.Length > 0 ? message.Group : null,
            MessageAttributes = Attributes(message.Body, reason),
        }, cancellationToken);

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var counts = await SqsCounts.ReadAsync(sqs, queueUrl, cancellationToken);
        return counts.Waiting + counts.InFlight;
    }

    public async Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken)
    {
        Dictionary<string, Message> seen = new(StringComparer.Ordinal);
        try
        {
            while (seen.Count < max)
            {
                var received = await sqs.ReceiveMessageAsync(new ReceiveMessageRequest
                {
                    QueueUrl = queueUrl,
                    MaxNumberOfMessages = Math.Min(BatchSize, max - seen.Count),
                    VisibilityTimeout = LookSeconds,
                    // A waiting receive asks all of the queue's servers; one that does not may find nothing where there is something.
                    WaitTimeSeconds = 1,
                    MessageSystemAttributeNames = ["All"],
                    MessageAttributeNames = [Reason],
                }, cancellationToken);
                if (received.Messages is not { Count: > 0 } some) break;
                foreach (var message in some) seen[message.MessageId] = message;
            }
        }
        finally
        {
            await GiveBackAsync(seen.Values);
        }

        return [.. seen.Values.OrderBy(SentAt).Select(Letter)];
    }

    private async Task GiveBackAsync(IEnumerable<Message> messages)
    {
        foreach (var batch in messages.Chunk(BatchSize))
        {
            await sqs.ChangeMessageVisibilityBatchAsync(queueUrl, [.. batch.Select(static (message, i) =>
                new ChangeMessageVisibilityBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), message.ReceiptHandle) { VisibilityTimeout = 0 })], CancellationToken.None);
        }
    }

    private static DeadLetter Letter(Message message)
    {
        // A worker says why. What SQS moved carries no reason, and keeps the time at which it was first sent.
        var reason = message.MessageAttributes?.GetValueOrDefault(Reason)?.StringValue;
        return new DeadLetter(message.MessageId, message.Body, message.Attributes.GetValueOrDefault("MessageGroupId"),
            reason ?? DeadLetter.TooManyReceives, reason is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(SentAt(message)))
        {
            MovedByQueue = reason is null,
        };
    }

    private static long SentAt(Message message) => long.Parse(message.Attributes["SentTimestamp"], CultureInfo.InvariantCulture);

    private static Dictionary<string, MessageAttributeValue>? Attributes(string body, string reason)
    {
        // The attribute counts towards the message's size, and the message itself must stay unharmed.
        var room = Math.Min(MaxReasonChars, (MaxMessageBytes - Encoding.UTF8.GetByteCount(body) - 64) / 4);
        var text = new string([.. reason.Where(static letter => letter is '\t' or '\n' or '\r' or (>= ' ' and < '\ud800') or (> '\udfff' and < '\ufffe')).Take(Math.Max(0, room))]);
        return text.Length == 0 ? null : new() { [Reason] = new MessageAttributeValue { DataType = "String", StringValue = text } };
    }
}
