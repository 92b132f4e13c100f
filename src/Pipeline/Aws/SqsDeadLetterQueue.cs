using Amazon.SQS;
using Amazon.SQS.Model;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Aws;

/// <summary>
/// The dead-letter queue of a <see cref="SqsBatchQueue"/>. A dead letter sent from here carries its reason as the message attribute
/// <c>reason</c>; one that SQS itself moved has neither that nor a time.
/// </summary>
public sealed class SqsDeadLetterQueue(IAmazonSQS sqs, AwsOptions options, TimeProvider time) : IDeadLetterQueue, IDisposable
{
    private const string Reason = "reason";
    private const int MaxReasonChars = 4_000;
    private const int MaxMessageBytes = 1 << 20;
    private const int BatchSize = 10;
    // A peek hides the dead letters from other readers; one that dies hides them for this long.
    private const int PeekSeconds = 20;
    // Longer than a walk may take, so that it does not receive again what it has kept.
    private const int WalkSeconds = 120;
    private const int Walkers = 8;

    private readonly string _queueUrl = options.DeadLetterQueueUrl;
    // A walk or a peek hides what it holds from the next one, so those of this process take turns.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default) =>
        ReachingAsync(() => sqs.SendMessageAsync(new SendMessageRequest(_queueUrl, message.Body)
        {
            MessageGroupId = message.Group.Length > 0 ? message.Group : null,
            MessageAttributes = Attributes(message.Body, reason),
        }, cancellationToken));

    public async Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken = default)
    {
        Dictionary<string, Message> seen = new(StringComparer.Ordinal);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (seen.Count < max)
            {
                var some = await ReceiveAsync(Math.Min(BatchSize, max - seen.Count), PeekSeconds, cancellationToken);
                if (some.Count == 0) break;
                foreach (var message in some) seen[message.MessageId] = message;
            }
        }
        finally
        {
            await ReleaseTurnAsync(seen.Values.Select(static message => message.ReceiptHandle));
        }

        return [.. seen.Values.OrderBy(SentAt).Select(Read)];
    }

    public async Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(pause, cancellationToken);
        try
        {
            await _turn.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        var started = time.GetUtcNow();
        // They stay leased until the walk ends, or it would receive them again and again.
        ConcurrentDictionary<string, string> kept = new(StringComparer.Ordinal);
        try
        {
            var ends = await Task.WhenAll(Enumerable.Range(0, Walkers).Select(_ => WalkAloneAsync()));
            return ends.All(static end => end);
        }
        finally
        {
            await ReleaseTurnAsync(kept.Values);
        }

        async Task<bool> WalkAloneAsync()
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    List<Message> received = [];
                    foreach (var message in await ReceiveAsync(BatchSize, WalkSeconds, cancellationToken))
                    {
                        if (kept.TryAdd(message.MessageId, message.ReceiptHandle)) received.Add(message);
                        // Its lease ran out, which made the former handle invalid.
                        else kept[message.MessageId] = message.ReceiptHandle;
                    }

                    if (received.Count == 0) return true;
                    foreach (var message in received)
                    {
                        var deadLetter = Read(message);
                        if (stop.IsCancellationRequested || deadLetter.DiedAt > started || !await handle(deadLetter)) continue;
                        await ReachingAsync(() => sqs.DeleteMessageAsync(_queueUrl, message.ReceiptHandle, CancellationToken.None));
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

    public void Dispose() => _turn.Dispose();

    private async Task<List<Message>> ReceiveAsync(int max, int seconds, CancellationToken cancellationToken)
    {
        var received = await ReachingAsync(() => sqs.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = _queueUrl,
            MaxNumberOfMessages = max,
            VisibilityTimeout = seconds,
            // A waiting receive asks all of the queue's servers; another may miss messages that are there.
            WaitTimeSeconds = 1,
            MessageSystemAttributeNames = ["All"],
            MessageAttributeNames = [Reason],
        }, cancellationToken));
        return received.Messages ?? [];
    }

    private async Task ReleaseTurnAsync(IEnumerable<string> handles)
    {
        try
        {
            await GiveBackAsync(handles);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task GiveBackAsync(IEnumerable<string> handles) =>
        Parallel.ForEachAsync(handles.Chunk(BatchSize), new ParallelOptions { MaxDegreeOfParallelism = Walkers },
        async (batch, _) => await ReachingAsync(() => sqs.ChangeMessageVisibilityBatchAsync(
            _queueUrl, [.. batch.Select(static (handle, i) =>
            new ChangeMessageVisibilityBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), handle) { VisibilityTimeout = 0 })],
                CancellationToken.None)));

    private static Task<T> ReachingAsync<T>(Func<Task<T>> call) => AwsClients.ReachingAsync("SQS", call);

    private static DeadLetter Read(Message message)
    {
        // A message that SQS moved carries no reason, and keeps the time at which it was first sent.
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
        var text = new string([.. reason.Where(static each =>
            each is '\t' or '\n' or '\r' or (>= ' ' and < '\ud800') or (> '\udfff' and < '\ufffe')).Take(Math.Max(0, room))]);
        return text.Length == 0 ? null : new() { [Reason] = new MessageAttributeValue { DataType = "String", StringValue = text } };
    }
}
