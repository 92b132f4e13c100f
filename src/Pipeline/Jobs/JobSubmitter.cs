using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Telemetry;

namespace VmDataset.Pipeline.Jobs;

/// <summary>
/// Puts a job's messages on the queue in one fixed order and notes how many are there. A submission that died
/// in its middle is completed by anyone who looks at the job; a message sent twice is harmless.
/// </summary>
public sealed partial class JobSubmitter(
    IBatchQueue queue, IObjectStore store, ProgressReader progress, TimeProvider time, ILogger<JobSubmitter> logger)
{
    /// <summary>Messages between two check-points.</summary>
    public const int Chunk = 10_000;

    /// <summary>A submission without a new check-point for so long is taken for dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, byte> _sendingHere = new(StringComparer.Ordinal);

    /// <summary>Sends what is not sent yet, unless this process is already at it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pause">Stops the sending at the next check-point, from which anyone may go on at once.</param>
    /// <param name="cancellationToken">Stops it where it is.</param>
    public async Task SubmitAsync(Job job, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        if (!_sendingHere.TryAdd(job.Id, 0)) return;
        using var sending = MessageActivities.StartSending(queue.Name, job.Id);
        var sentHere = 0;
        try
        {
            var sent = (await progress.LastSentAsync(job.Id, cancellationToken))?.Batches ?? 0;
            foreach (var chunk in Messages(job).Skip(sent).Chunk(Chunk))
            {
                await queue.SendAsync(chunk, cancellationToken);
                sent += chunk.Length;
                sending?.SetTag(Attributes.MessageCount, sentHere += chunk.Length);
                var paused = pause.IsCancellationRequested;
                using var mark = new MemoryStream(paused ? [1] : []);
                await store.PutAsync(ObjectKeys.Sent(job.Id, sent), mark, cancellationToken: cancellationToken);
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
            _sendingHere.TryRemove(job.Id, out _);
        }
    }

    /// <summary>Completes a submission that seems to have died.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How old its last sign of life must be; null for <see cref="Patience"/>.</param>
    /// <param name="pause">As for <see cref="SubmitAsync"/>.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    /// <returns>Whether it did.</returns>
    public async Task<bool> ResumeAsync(Job job, TimeSpan? patience = null, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        var last = await progress.LastSentAsync(job.Id, cancellationToken);
        if (last?.Batches >= job.TotalBatches()) return false;
        if (last is not { Paused: true } && time.GetUtcNow() - (last?.At ?? job.CreatedAt) < (patience ?? Patience)) return false;
        Log.Resuming(logger, job.Id, last?.Batches ?? 0, job.TotalBatches());
        await SubmitAsync(job, pause, cancellationToken);
        return true;
    }

    /// <summary>
    /// Generators take turns, so that the first results of each appear early and a broken one is seen early.
    /// </summary>
    private static IEnumerable<OutgoingMessage> Messages(Job job) =>
        from range in job.Range().Split(job.BatchSize)
        from generator in job.Generators
        select new OutgoingMessage(BatchMessage.For(job, generator, range).ToJson(), job.Id);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Completing the submission of job {JobId}: {Sent} of {Total} messages were sent")]
        public static partial void Resuming(ILogger logger, string jobId, int sent, long total);
    }
}
