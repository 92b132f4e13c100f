using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Dispatch;

/// <summary>
/// Puts a job's messages on the queue, generation by generation in one fixed order, and records how many are there. A sender claims each
/// stretch between two check-points, so that of several only one sends it. Another sender continues after one that died. A message sent
/// twice is harmless.
/// </summary>
public sealed partial class JobSubmitter(
    IBatchQueue queue, IObjectStore store, ProgressReader progress, JobEventLog log, TimeProvider time, ILogger<JobSubmitter> logger)
{
    /// <summary>Batches between two check-points.</summary>
    public const int Chunk = 10_000;

    /// <summary>A sending without a new check-point for so long is taken for dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Job, int Generation), byte> _sendingHere = new();

    /// <summary>Sends the messages of the job's newest generations that are not sent yet.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pause">Stops the sending at the next check-point, from which another sender may go on immediately.</param>
    /// <param name="cancellationToken">Stops it where it is.</param>
    /// <returns>Whether all of them are on the queue, or no longer wanted.</returns>
    public async Task<bool> SubmitAsync(Job job, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        var complete = true;
        foreach (var generation in DispatchGeneration.Current(job, await log.ReadAsync(job.Id, cancellationToken)))
            complete &= await SendAsync(generation, Patience, pause, cancellationToken);
        return complete;
    }

    /// <summary>Completes a sending that was paused or has died.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">Without a check-point for so long a sender is taken for dead; null for <see cref="Patience"/>.</param>
    /// <param name="pause">As for <see cref="SubmitAsync"/>.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    /// <returns>Whether there was something to complete.</returns>
    public async Task<bool> ResumeAsync(Job job, TimeSpan? patience = null, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        var resumed = false;
        foreach (var (generation, last) in await UnsentAsync(job, cancellationToken))
        {
            if (last is not { Paused: true } && time.GetUtcNow() - (last?.At ?? generation.At) < (patience ?? Patience)) continue;
            Log.Resuming(logger, job.Id, last?.Batches ?? 0, generation.TotalBatches);
            await SendAsync(generation, patience ?? Patience, pause, cancellationToken);
            resumed = true;
        }

        return resumed;
    }

    /// <summary>Whether all messages of the job's newest generations are on the queue.</summary>
    public async Task<bool> IsCompleteAsync(Job job, CancellationToken cancellationToken = default) =>
        (await UnsentAsync(job, cancellationToken)).Count == 0;

    private async Task<IReadOnlyList<(DispatchGeneration Generation, DispatchCheckpoint? Last)>> UnsentAsync(
        Job job, CancellationToken cancellationToken)
    {
        var generations = DispatchGeneration.Current(job, await log.ReadAsync(job.Id, cancellationToken));
        if (generations.Count == 0) return [];
        var sent = await progress.SentAsync(job.Id, cancellationToken);
        return [.. generations.Select(generation => (generation, sent.GetValueOrDefault(generation.Number)))
            .Where(static each => !(each.Item2?.Batches >= each.generation.TotalBatches))];
    }

    /// <returns>Whether all of the generation's messages are on the queue, or no longer wanted.</returns>
    private async Task<bool> SendAsync(
        DispatchGeneration generation, TimeSpan patience, CancellationToken pause, CancellationToken cancellationToken)
    {
        var job = generation.Job;
        if (!_sendingHere.TryAdd((job.Id, generation.Number), 0)) return false;
        using var sending = MessageActivities.StartSending(queue.Name, job.Id);
        var sentHere = 0;
        string? claim = null;
        try
        {
            var sent = (await progress.SentAsync(job.Id, cancellationToken)).GetValueOrDefault(generation.Number)?.Batches ?? 0;
            var missing = await MissingAsync(generation, cancellationToken);
            foreach (var chunk in generation.Batches().Skip(sent).Chunk(Chunk))
            {
                var control = await log.ReadAsync(job.Id, cancellationToken);
                // Cancelled, paused or overtaken meanwhile: workers would only drop the rest.
                if (!job.Generators.Any(generator => generation.IsCurrent(control, generator.Name))) return true;
                claim = await ClaimAsync(job.Id, generation.Number, sent, patience, cancellationToken);
                if (claim is null) return false;
                OutgoingMessage[] messages = [.. chunk.Where(batch => generation.IsCurrent(control, batch.Name)).SelectMany(missing)
                    .Select(message => new OutgoingMessage(message.ToJson(), job.Id))];
                await queue.SendAsync(messages, cancellationToken);
                sent += chunk.Length;
                sending?.SetTag(Attributes.MessageCount, sentHere += messages.Length);
                var paused = pause.IsCancellationRequested;
                using var checkpoint = new MemoryStream(paused ? [1] : []);
                await store.PutAsync(ObjectKeys.Sent(job.Id, generation.Number, sent), checkpoint, cancellationToken: cancellationToken);
                claim = null;
                if (paused && sent < generation.TotalBatches) return false;
            }

            return true;
        }
        catch (Exception exception)
        {
            sending?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (claim is not null) await ReleaseAsync(claim);
            throw;
        }
        finally
        {
            _sendingHere.TryRemove((job.Id, generation.Number), out _);
        }
    }

    /// <returns>The claim's key; null if another sender has it, who was alive less than <paramref name="patience"/> ago.</returns>
    private async Task<string?> ClaimAsync(
        string jobId, int generation, int sent, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.SentClaim(jobId, generation, sent);
        using var empty = new MemoryStream();
        if (await store.PutAsync(key, empty, ifAbsent: true, cancellationToken)) return key;
        using (var held = await store.GetAsync(key, cancellationToken))
            if (held is not null && time.GetUtcNow() - held.LastModified < patience) return null;
        await store.PutAsync(key, empty, cancellationToken: cancellationToken);
        return key;
    }

    // Nobody need wait for a claim whose sender knows that it failed.
    private async Task ReleaseAsync(string claim)
    {
        try
        {
            await store.DeleteAsync(claim, CancellationToken.None);
        }
#pragma warning disable CA1031 // The store may be what failed; the claim lapses.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotReleased(logger, exception, claim);
        }
    }

    /// <summary>What of a batch is to be sent: all of it at first, and later the parts that are missing.</summary>
    private async Task<Func<BatchMessage, IEnumerable<BatchMessage>>> MissingAsync(
        DispatchGeneration generation, CancellationToken cancellationToken)
    {
        if (generation.Cause is null) return static batch => [batch];
        var settled = (await progress.DoneAsync(generation.Job, cancellationToken)).AsEnumerable();
        // What was given up is a retry's business, which may be of a part of it.
        if (generation.KeepsGivenUp)
            settled = settled.Concat((await progress.DeadAsync(generation.Job.Id, cancellationToken)).Where(generation.Control.IsCounted));

        var by = RangeEntry.ByGenerator(settled);
        return batch => RangeSet.Of(batch.Range).Subtract(by.GetValueOrDefault(batch.Name, RangeSet.Empty))
            .Select(range => batch.With(range, batch.Attempt));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Completing the sending of job {JobId}: {Sent} of {Total} batches were dealt with")]
        public static partial void Resuming(ILogger logger, string jobId, int sent, long total);

        [LoggerMessage(2, LogLevel.Warning, "The claim {Claim} could not be released; it lapses")]
        public static partial void NotReleased(ILogger logger, Exception exception, string claim);
    }
}
