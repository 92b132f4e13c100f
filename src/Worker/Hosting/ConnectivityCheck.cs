using VmDataset.Pipeline.Aws;

namespace VmDataset.Worker.Hosting;

/// <summary>
/// A poller that cannot reach its bucket would receive every message in vain until the queue dead-letters it. So it waits for a service
/// that is out of reach, and ends where one does not exist or is not allowed.
/// </summary>
internal sealed partial class ConnectivityCheck(IBatchQueue queue, IObjectStore store, TimeProvider time, ILogger<ConnectivityCheck> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>Returns when both can be used.</summary>
    /// <exception cref="StartUpException">The queues or the bucket do not exist, or may not be used.</exception>
    /// <exception cref="OperationCanceledException">The process is to end.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReachAsync("The queues (SQS_QUEUE_URL, SQS_DLQ_URL)", stop => queue.GetDepthAsync(cancellationToken: stop),
            cancellationToken);
        await ReachAsync("The bucket (OUTPUT_BUCKET)", ListAsync, cancellationToken);
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ListAsync(ObjectKeys.SubmittedPrefix, cancellationToken: cancellationToken)) break;
    }

    private async Task ReachAsync(string what, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                await call(limit.Token);
                return;
            }
            catch (IOException exception) when (!AwsClients.IsPassing(exception))
            {
                throw new StartUpException($"{what} cannot be used: {exception.Message}", exception);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && exception is IOException or OperationCanceledException)
            {
                var pause = Pauses.After(attempt);
                var reason = exception is OperationCanceledException ? $"no answer came within {Patience.TotalSeconds} s"
                    : exception.Message;
                Log.OutOfReach(logger, what, pause.TotalSeconds, reason);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{What} cannot be reached; trying again in {Seconds} s: {Reason}")]
        public static partial void OutOfReach(ILogger logger, string what, double seconds, string reason);
    }
}
