using Amazon.SQS;
using Amazon.SQS.Model;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Aws;

/// <summary>
/// A standard SQS queue. Its own redrive policy moves messages that were received too often to the dead-letter queue.
/// </summary>
public sealed class SqsBatchQueue(IAmazonSQS sqs, AwsOptions options, TimeProvider time, ILogger<SqsBatchQueue> logger) : IBatchQueue
{
    private static readonly TimeSpan DepthPatience = TimeSpan.FromSeconds(6);

    private readonly SqsSender _sender = new(sqs, options.QueueUrl, time, logger);

    /// <summary>SQS alone chooses: on a standard queue <c>MessageGroupId</c> keeps a group with many messages from delaying the
    /// others.</summary>
    public bool ChoosesGroups => false;

    public QueueName Name { get; } = new("aws_sqs", options.QueueUrl[(options.QueueUrl.LastIndexOf('/') + 1)..]);

    public async Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        await _sender.SendAsync(messages, cancellationToken);
        PipelineMetrics.Sent(Name, messages.Count);
    }

    public async Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(except.Count, 0);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled while it runs: SQS would lease messages to a receiver that never reads the answer.
        var received = await AwsClients.ReachingAsync("SQS", () => sqs.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = options.QueueUrl,
            MaxNumberOfMessages = max,
            VisibilityTimeout = Seconds(lease),
            WaitTimeSeconds = Math.Min(20, Seconds(wait)),
            MessageSystemAttributeNames = ["ApproximateReceiveCount", "MessageGroupId"],
            MessageAttributeNames = [MessageActivities.TraceParent],
        }, CancellationToken.None));
        // The lease began when SQS took the message out. The answer's way back takes milliseconds of a lease of seconds.
        var begin = time.GetTimestamp();
        List<SqsLease> leases = [.. (received.Messages ?? []).Select(message => new SqsLease(
            message.Body,
            message.Attributes?.GetValueOrDefault("MessageGroupId"),
            int.Parse(message.Attributes!["ApproximateReceiveCount"], CultureInfo.InvariantCulture),
            message.ReceiptHandle)
        {
            Begin = begin,
            Length = TimeSpan.FromSeconds(Seconds(lease)),
            TraceParent = message.MessageAttributes?.GetValueOrDefault(MessageActivities.TraceParent)?.StringValue,
        })];
        if (!cancellationToken.IsCancellationRequested) return leases;
        foreach (var taken in leases) await RenewAsync(taken, TimeSpan.Zero, CancellationToken.None);
        throw new OperationCanceledException(cancellationToken);
    }

    public async Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        if (IsLost(message)) return false;
        var asked = time.GetTimestamp();
        try
        {
            await AwsClients.ReachingAsync("SQS", () => sqs.ChangeMessageVisibilityAsync(
                options.QueueUrl, message.Handle, Seconds(lease), cancellationToken));
        }
        catch (ServiceUnreachableException exception) when (IsGone(exception))
        {
            return false;
        }

        if (message is SqsLease mine) (mine.Begin, mine.Length) = (asked, TimeSpan.FromSeconds(Seconds(lease)));
        return true;
    }

    public async Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default)
    {
        // SQS may accept an old receipt handle and so take the message from its new owner.
        if (IsLost(message)) return;
        try
        {
            await AwsClients.ReachingAsync("SQS", () => sqs.DeleteMessageAsync(options.QueueUrl, message.Handle, cancellationToken));
        }
        catch (ServiceUnreachableException exception) when (IsGone(exception))
        {
            // It is deleted already.
        }
    }

    /// <summary>SQS counts approximately, and never a single group.</summary>
    public async Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default)
    {
        if (group is not null) return null;
        // A request waits for the figures; the SDK's retries would go on for a minute.
        using var limit = new CancellationTokenSource(DepthPatience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var counts = await Task.WhenAll(SqsCounts.ReadAsync(sqs, options.QueueUrl, stop.Token),
                SqsCounts.ReadAsync(sqs, options.DeadLetterQueueUrl, stop.Token));
            return new QueueDepth(counts[0].Waiting, counts[0].InFlight, counts[1].Waiting + counts[1].InFlight);
        }
        catch (Exception exception) when (AwsClients.IsFailure(exception)
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServiceUnreachableException(
                $"SQS failed: {(exception is OperationCanceledException ? $"no answer came within {DepthPatience.TotalSeconds} s" : exception.Message)}", exception);
        }
    }

    // SQS counts in seconds; rounded up, so that a short lease is not none.
    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private bool IsLost(LeasedMessage message) => message is SqsLease lease && time.GetElapsedTime(lease.Begin) >= lease.Length;

    private static bool IsGone(ServiceUnreachableException failure) =>
        failure.InnerException is ReceiptHandleIsInvalidException or MessageNotInflightException
        or AmazonSQSException { ErrorCode: "InvalidParameterValue" or "InvalidParameterValueException" };

    /// <summary>A lease that knows its end: SQS itself may go on accepting the handle of a lease that ran out.</summary>
    private sealed record SqsLease(string Body, string? Group, int ReceiveCount, string Handle)
        : LeasedMessage(Body, Group, ReceiveCount, Handle)
    {
        /// <summary>Timestamp.</summary>
        public long Begin { get; set; }

        public TimeSpan Length { get; set; }
    }
}
