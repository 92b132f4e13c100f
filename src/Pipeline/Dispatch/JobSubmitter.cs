using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Dispatch;

/// <summary>
/// Puts a job's messages on the queue, round by round in one fixed order, and notes how many are there. A sending that died
/// in its middle is completed by anyone who looks at the job; a message sent twice is harmless.
/// </summary>
public sealed partial class JobSubmitter(
    IBatchQueue queue, IObjectStore store, ProgressReader progress, ControlLog log, TimeProvider time, ILogger<JobSubmitter> logger)
{
    /// <summary>Batches between two check-points.</summary>
    public const int Chunk = 10_000;

    /// <summary>A sending without a new check-point for so long is taken for dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Job, int Round), byte> _sendingHere = new();

    /// <summary>Sends what is not sent yet of the job's newest rounds, unless this process is already at it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pause">Stops the sending at the next check-point, from which anyone may go on at once.</param>
    /// <param name="cancellationToken">Stops it where it is.</param>
    public async Task SubmitAsync(Job job, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        foreach (var round in Round.Current(job, await log.ReadAsync(job.Id, cancellationToken)))
            await SendAsync(round, pause, cancellationToken);
    }

    /// <summary>Completes a sending that seems to have died.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How old its last sign of life must be; null for <see cref="Patience"/>.</param>
    /// <param name="pause">As for <see cref="SubmitAsync"/>.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    /// <returns>Whether it did.</returns>
    public async Task<bool> ResumeAsync(Job job, TimeSpan? patience = null, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        var rounds = Round.Current(job, await log.ReadAsync(job.Id, cancellationToken));
        if (rounds.Count == 0) return false;
        var sent = await progress.SentAsync(job.Id, cancellationToken);
        var resumed = false;
        foreach (var round in rounds)
        {
            var last = sent.GetValueOrDefault(round.Number);
            if (last?.Batches >= round.TotalBatches) continue;
            if (last is not { Paused: true } && time.GetUtcNow() - (last?.At ?? round.At) < (patience ?? Patience)) continue;
            Log.Resuming(logger, job.Id, last?.Batches ?? 0, round.TotalBatches);
            await SendAsync(round, pause, cancellationToken);
            resumed = true;
        }

        return resumed;
    }

    private async Task SendAsync(Round round, CancellationToken pause, CancellationToken cancellationToken)
    {
        var job = round.Job;
        if (!_sendingHere.TryAdd((job.Id, round.Number), 0)) return;
        using var sending = MessageActivities.StartSending(queue.Name, job.Id);
        var sentHere = 0;
        try
        {
            var sent = (await progress.SentAsync(job.Id, cancellationToken)).GetValueOrDefault(round.Number)?.Batches ?? 0;
            var missing = await MissingAsync(round, cancellationToken);
            foreach (var chunk in round.Batches().Skip(sent).Chunk(Chunk))
            {
                var control = await log.ReadAsync(job.Id, cancellationToken);
                // Cancelled, paused or overtaken meanwhile: workers would only drop the rest.
                if (!job.Generators.Any(generator => round.IsCurrent(control, generator.Name))) return;
                OutgoingMessage[] messages = [.. chunk.Where(batch => round.IsCurrent(control, batch.Generator)).SelectMany(missing)
                    .Select(message => new OutgoingMessage(message.ToJson(), job.Id))];
                await queue.SendAsync(messages, cancellationToken);
                sent += chunk.Length;
                sending?.SetTag(Attributes.MessageCount, sentHere += messages.Length);
                var paused = pause.IsCancellationRequested;
                using var mark = new MemoryStream(paused ? [1] : []);
                await store.PutAsync(ObjectKeys.Sent(job.Id, round.Number, sent), mark, cancellationToken: cancellationToken);
                if (paused) return;
            }
        }
        catch (Exception exception)
        {
            sending?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
        finally
        {
            _sendingHere.TryRemove((job.Id, round.Number), out _);
        }
    }

    /// <summary>What of a batch is to be sent: all of it at first, and later the parts that are missing.</summary>
    private async Task<Func<BatchMessage, IEnumerable<BatchMessage>>> MissingAsync(Round round, CancellationToken cancellationToken)
    {
        if (round.Cause is not { } cause) return static batch => [batch];
        var settled = (await progress.DoneAsync(round.Job.Id, cancellationToken)).AsEnumerable();
        // What was given up is a retry's business.
        if (cause.Verb == JobVerb.Resumed)
            settled = settled.Concat((await progress.DeadAsync(round.Job.Id, cancellationToken)).Where(round.Control.Counts));

        var by = RangeMark.ByGenerator(settled);
        return batch => RangeSet.Of(batch.Range).Subtract(by.GetValueOrDefault(batch.Generator, RangeSet.Empty))
            .Select(range => batch.With(range, batch.Attempt));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Completing the sending of job {JobId}: {Sent} of {Total} batches were dealt with")]
        public static partial void Resuming(ILogger logger, string jobId, int sent, long total);
    }
}
