using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Lambda;

/// <summary>Processes an SQS event's messages and names those that are to come again.</summary>
internal sealed partial class SqsEventHandler(
    IBatchQueue queue, BatchProcessor processor, WorkerOptions options, TimeProvider time, ILogger<SqsEventHandler> logger)
{
    /// <param name="sqsEvent">The event's JSON.</param>
    /// <param name="deadline">When the function is ended.</param>
    /// <returns>The answer's JSON.</returns>
    /// <exception cref="InvalidDataException">It is no SQS event.</exception>
    public async Task<byte[]> HandleAsync(byte[] sqsEvent, DateTimeOffset deadline)
    {
        var records = SqsEvent.Parse(sqsEvent).Records!.OfType<SqsRecord>().ToList();
        var done = await Task.WhenAll(records.Select(record => WorkAsync(record, deadline)));
        return JsonSerializer.SerializeToUtf8Bytes(new SqsAnswer(
            [.. records.Where((_, i) => !done[i]).Select(static record => new SqsFailure(record.MessageId!))]));
    }

    private async Task<bool> WorkAsync(SqsRecord record, DateTimeOffset deadline)
    {
        var message = record.ToMessage();
        try
        {
            // The queue's own visibility timeout outlasts the function's; a message whose worker dies shall not wait so long.
            BatchOutcome outcome;
            await using (var lease = new LeaseRenewer(queue, message, options.Lease, time, logger, renewAtOnce: true))
                outcome = await processor.ProcessAsync(message, new BatchBounds(deadline, default, lease.Lost));
            if (outcome.RetryAfter is not { } delay) return true;
            await queue.RenewAsync(message, delay, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever happened to one message, the others are answered for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, record.MessageId!);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The message {MessageId} is left to come again")]
        public static partial void Failed(ILogger logger, Exception exception, string messageId);
    }
}
