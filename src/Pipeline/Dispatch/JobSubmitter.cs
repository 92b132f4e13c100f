using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Dispatch;

/// <summary>
/// Puts a job's messages on the queue, generation by generation in one fixed order, and notes how many are there. A sending that died
/// in its middle is completed by anyone who looks at the job; a message sent twice is harmless.
/// </summary>
public sealed partial class JobSubmitter(
    IBatchQueue queue, IObjectStore store, ProgressReader progress, JobEventLog log, TimeProvider time, ILogger<JobSubmitter> logger)
{
    /// <summary>Batches between two check-points.</summary>
    public const int Chunk = 10_000;

    /// <summary>A sending without a new check-point for so long is taken for dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Job, int Generation), byte> _sendingHere = new();

    /// <summary>Sends what is not sent yet of the job's newest generations, unless this process is already at it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pause">Stops the sending at the next check-point, from which anyone may go on at once.</param>
    /// <param name="cancellationToken">Stops it where it is.</param>
    public async Task SubmitAsync(Job job, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        foreach (var generation in DispatchGeneration.Current(job, await log.ReadAsync(job.Id, cancellationToken)))
            await SendAsync(generation, pause, cancellationToken);
    }

    /// <summary>Completes a sending that seems to have died.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How old its last sign of life must be; null for <see cref="Patience"/>.</param>
    /// <param name="pause">As for <see cref="SubmitAsync"/>.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    /// <returns>Whether it did.</returns>
    public async Task<bool> ResumeAsync(Job job, TimeSpan? patience = null, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        var generations = DispatchGeneration.Current(job, await log.ReadAsync(job.Id, cancellationToken));
        if (generations.Count == 0) return false;
        var sent = await progress.SentAsync(job.Id, cancellationToken);
        var resumed = false;
        foreach (var generation in generations)
        {
            var last = sent.GetValueOrDefault(generation.Number);
            if (last?.Batches >= generation.TotalBatches) continue;
            if (last is not { Paused: true } && time.GetUtcNow() - (last?.At ?? generation.At) < (patience ?? Patience)) continue;
            Log.Resuming(logger, job.Id, last?.Batches ?? 0, generation.TotalBatches);
            await SendAsync(generation, pause, cancellationToken);
            resumed = true;
        }

        return resumed;
    }

    private async Task SendAsync(DispatchGeneration generation, CancellationToken pause, CancellationToken cancellationToken)
    {
        var job = generation.Job;
        if (!_sendingHere.TryAdd((job.Id, generation.Number), 0)) return;
        using var sending = MessageActivities.StartSending(queue.Name, job.Id);
        var sentHere = 0;
        try
        {
            var sent = (await progress.SentAsync(job.Id, cancellationToken)).GetValueOrDefault(generation.Number)?.Batches ?? 0;
            var missing = await MissingAsync(generation, cancellationToken);
            foreach (var chunk in generation.Batches().Skip(sent).Chunk(Chunk))
            {
                var control = await log.ReadAsync(job.Id, cancellationToken);
                // Cancelled, paused or overtaken meanwhile: workers would only drop the rest.
                if (!job.Generators.Any(generator => generation.IsCurrent(control, generator.Name))) return;
                OutgoingMessage[] messages = [.. chunk.Where(batch => generation.IsCurrent(control, batch.Generator)).SelectMany(missing)
                    .Select(message => new OutgoingMessage(message.ToJson(), job.Id))];
                await queue.SendAsync(messages, cancellationToken);
                sent += chunk.Length;
                sending?.SetTag(Attributes.MessageCount, sentHere += messages.Length);
                var paused = pause.IsCancellationRequested;
                using var checkpoint = new MemoryStream(paused ? [1] : []);
                await store.PutAsync(ObjectKeys.Sent(job.Id, generation.Number, sent), checkpoint, cancellationToken: cancellationToken);
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
            _sendingHere.TryRemove((job.Id, generation.Number), out _);
        }
    }

    /// <summary>What of a batch is to be sent: all of it at first, and later the parts that are missing.</summary>
    private async Task<Func<BatchMessage, IEnumerable<BatchMessage>>> MissingAsync(
        DispatchGeneration generation, CancellationToken cancellationToken)
    {
        if (generation.Cause is not { } cause) return static batch => [batch];
        var settled = (await progress.DoneAsync(generation.Job.Id, cancellationToken)).AsEnumerable();
        // What was given up is a retry's business.
        if (cause.Type == JobEventType.Resumed)
            settled = settled.Concat((await progress.DeadAsync(generation.Job.Id, cancellationToken)).Where(generation.Control.IsCounted));

        var by = RangeEntry.ByGenerator(settled);
        return batch => RangeSet.Of(batch.Range).Subtract(by.GetValueOrDefault(batch.Generator, RangeSet.Empty))
            .Select(range => batch.With(range, batch.Attempt));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Completing the sending of job {JobId}: {Sent} of {Total} batches were dealt with")]
        public static partial void Resuming(ILogger logger, string jobId, int sent, long total);
    }
}
