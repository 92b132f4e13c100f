using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>Writes the failure records of messages that the queue itself moved to its dead letters, as a worker would have done: without
/// them their job would seem to run for ever. It also removes the dead letters of messages that a retry has sent again, which the retry
/// itself misses where another process holds them. Running it twice is harmless.</summary>
public sealed partial class DeadLetterRecorder(
    IBatchQueue queue, IDeadLetterQueue deadLetters, FailureStore failures, ProgressReader progress, JobEventLog log, TimeProvider time,
        ILogger<DeadLetterRecorder> logger)
{
    /// <summary>Reading the dead letters takes seconds where there are many, so not every request does it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // Of very many dead letters each walk reads some; on SQS others come first the next time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogAge = TimeSpan.FromSeconds(5);
    private const int MaxKnown = 100_000;

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private long _lastTicks;

    /// <summary>Walks the dead letters, unless this process did so less than <see cref="Interval"/> ago.</summary>
    /// <returns>Whether a record was written.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken = default)
    {
        var (now, last) = (time.GetUtcNow().UtcTicks, Interlocked.Read(ref _lastTicks));
        if (now - last < Interval.Ticks || Interlocked.CompareExchange(ref _lastTicks, now, last) != last) return false;
        try
        {
            if (await queue.GetDepthAsync(cancellationToken: cancellationToken) is not { Dead: > 0 }) return false;
            var wrote = 0;
            using var pause = new CancellationTokenSource(Patience, time);
            await deadLetters.WalkAsync(async deadLetter =>
            {
                if (await IsReplacedAsync(deadLetter)) return true;
                if (deadLetter.MovedByQueue && !_known.ContainsKey(deadLetter.Id)
                    && await RecordAsync(deadLetter, cancellationToken)) Interlocked.Increment(ref wrote);
                return false;
            }, pause.Token, cancellationToken);
            return wrote > 0;
        }
        // The caller goes on without it, whatever failed at the queue or the store.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    /// <summary>Writes the records of one dead letter that the queue moved; false if there was none to write.</summary>
    public async Task<bool> RecordAsync(DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        var wrote = false;
        if (BatchMessageParser.Parse(deadLetter.Body).Message is { } message)
        {
            var control = await log.ReadAsync(message.JobId, cancellationToken);
            // The rest of a stale message was sent again, and a halted one is not given up.
            var missing = control.Drops(message) ? RangeSet.Empty : await progress.MissingAsync(message, cancellationToken);
            var generation = message.Generation ?? control.For(message.Name).Generation;
            // Another process, or this one before its restart, may have recorded it already.
            if (!missing.IsEmpty) missing = missing.Subtract(await progress.DeadAsync(message, generation, cancellationToken));
            foreach (var range in missing)
            {
                await failures.DeadLetterAsync(message.JobId, generation,
                    FailureRecord.Of(message, range, FailureKind.Worker, DeadLetter.TooManyReceives, time.GetUtcNow()));
                wrote = true;
            }

            Log.Recorded(logger, message.JobId, message.Name, message.Range);
        }

        if (_known.Count >= MaxKnown) _known.Clear();
        _known.TryAdd(deadLetter.Id, 0);
        return wrote;
    }

    private async Task<bool> IsReplacedAsync(DeadLetter deadLetter) =>
        BatchMessageParser.Parse(deadLetter.Body).Message is { Generation: { } generation } message
        && generation < (await log.ReadRecentAsync(message.JobId, LogAge)).For(message.Name).LastRetry;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The queue gave up job {JobId} generator {Generator} range {Range}: it was received too often")]
        public static partial void Recorded(ILogger logger, string jobId, string generator, SampleRange range);

        [LoggerMessage(2, LogLevel.Warning, "The dead letters could not be read; the next walk tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
