using System.Collections.Concurrent;
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
    // Longer than a walk is to take, so that it does not meet again what it has kept.
    private const int WalkSeconds = 120;
    private const int Walkers = 8;

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken) =>
        ReachingAsync(() => sqs.SendMessageAsync(new SendMessageRequest(queueUrl, message.Body)
        {
            MessageGroupId = message.Group.Length > 0 ? message.Group : null,
            MessageAttributes = Attributes(message.Body, reason),
        }, cancellationToken));

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
                var some = await ReceiveAsync(Math.Min(BatchSize, max - seen.Count), LookSeconds, cancellationToken);
                if (some.Count == 0) break;
                foreach (var message in some) seen[message.MessageId] = message;
            }
        }
        finally
        {
            await GiveBackAsync(seen.Values.Select(static message => message.ReceiptHandle));
        }

        return [.. seen.Values.OrderBy(SentAt).Select(Letter)];
    }

    /// <summary>Letters that are kept stay leased to the end, or the walk would meet them for ever. One that died since <paramref name="started"/> is kept.</summary>
    public async Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, DateTimeOffset started, CancellationToken pause, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<string, string> kept = new(StringComparer.Ordinal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(pause, cancellationToken);
        try
        {
            var ends = await Task.WhenAll(Enumerable.Range(0, Walkers).Select(_ => WalkAloneAsync()));
            return ends.All(static end => end);
        }
        finally
        {
            await GiveBackAsync(kept.Values);
        }

        async Task<bool> WalkAloneAsync()
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    List<Message> met = [];
                    foreach (var message in await ReceiveAsync(BatchSize, WalkSeconds, cancellationToken))
                    {
                        if (kept.TryAdd(message.MessageId, message.ReceiptHandle)) met.Add(message);
                        // Its lease ran out, which makes the former handle worthless.
                        else kept[message.MessageId] = message.ReceiptHandle;
                    }

                    if (met.Count == 0) return true;
                    foreach (var message in met)
                    {
                        var letter = Letter(message);
                        if (stop.IsCancellationRequested || letter.DiedAt > started || !await handle(letter)) continue;
                        await ReachingAsync(() => sqs.DeleteMessageAsync(queueUrl, message.ReceiptHandle, CancellationToken.None));
                        kept.TryRemove(message.MessageId, out string? _);
                    }
                }

                cancellationToken.ThrowIfCancellationRequested();
                return false;
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private async Task<List<Message>> ReceiveAsync(int max, int seconds, CancellationToken cancellationToken)
    {
        var received = await ReachingAsync(() => sqs.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = queueUrl,
            MaxNumberOfMessages = max,
            VisibilityTimeout = seconds,
            // A waiting receive asks all of the queue's servers; one that does not may find nothing where there is something.
            WaitTimeSeconds = 1,
            MessageSystemAttributeNames = ["All"],
            MessageAttributeNames = [Reason],
        }, cancellationToken));
        return received.Messages ?? [];
    }

    private Task GiveBackAsync(IEnumerable<string> handles) => Parallel.ForEachAsync(handles.Chunk(BatchSize), new ParallelOptions { MaxDegreeOfParallelism = Walkers },
        async (batch, _) => await ReachingAsync(() => sqs.ChangeMessageVisibilityBatchAsync(queueUrl, [.. batch.Select(static (handle, i) =>
            new ChangeMessageVisibilityBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), handle) { VisibilityTimeout = 0 })], CancellationToken.None)));

    private static Task<T> ReachingAsync<T>(Func<Task<T>> call) => AwsClients.ReachingAsync("SQS", call);

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
