using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>
/// Gives the messages that the queue itself moved to its dead letters the records that a worker would have written: without
/// them their job would look for ever as if it ran. Whoever looks at an unfinished job runs it; twice is harmless.
/// </summary>
public sealed partial class DeadLetterRecorder(
    IBatchQueue queue, FailureStore failures, ProgressReader progress, JobEventLog log, TimeProvider time, ILogger<DeadLetterRecorder> logger)
{
    /// <summary>A look at the dead letters takes seconds where there are many, so it is not taken at every request.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // Where there are very many letters, each look gets through some; on SQS others come first the next time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int MaxKnown = 100_000;

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private long _lastTicks;

    /// <summary>Looks, unless somebody in this process did so a moment ago.</summary>
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
            await queue.WalkDeadLettersAsync(async letter =>
            {
                if (letter.MovedByQueue && !_known.ContainsKey(letter.Id) && await DeadLetterAsync(letter, cancellationToken)) Interlocked.Increment(ref wrote);
                return false;
            }, pause.Token, cancellationToken);
            return wrote > 0;
        }
#pragma warning disable CA1031 // The look at the job that caused this goes on without it, whatever the queue or store met.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    /// <summary>Writes the records of one letter that the queue moved.</summary>
    /// <returns>Whether there was something to write.</returns>
    public async Task<bool> DeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        var wrote = false;
        if (BatchMessageParser.Parse(letter.Body).Message is { } message)
        {
            var control = await log.ReadAsync(message.JobId, cancellationToken);
            // Of what is stale the rest was sent anew, and what is halted is not given up.
            var missing = control.Drops(message) ? RangeSet.Empty : await progress.MissingAsync(message, cancellationToken);
            var generation = message.Generation ?? control.For(message.Generator).Generation;
            // Another process, or this one before its restart, may have been here already.
            if (!missing.IsEmpty) missing = missing.Subtract(await progress.DeadAsync(message, generation, cancellationToken));
            foreach (var range in missing)
            {
                await failures.DeadLetterAsync(message.JobId, generation,
                    FailureRecord.Of(message, range, FailureKind.Worker, DeadLetter.TooManyReceives, time.GetUtcNow()));
                wrote = true;
            }

            Log.Buried(logger, message.JobId, message.Generator, message.Range);
        }

        if (_known.Count >= MaxKnown) _known.Clear();
        _known.TryAdd(letter.Id, 0);
        return wrote;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The queue gave up job {JobId} generator {Generator} range {Range}: it was received too often")]
        public static partial void Buried(ILogger logger, string jobId, string generator, SampleRange range);

        [LoggerMessage(2, LogLevel.Warning, "The dead letters could not be looked through; the next look tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
