using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Has a worker look for the duplicates of a large unique job.</summary>
public sealed class DuplicateCheckDispatcher(IObjectStore store, IBatchQueue queue, TimeProvider time)
{
    /// <summary>Up to so many samples are looked at where the job is reconciled: it takes a second or two.</summary>
    public const int MaxSamplesHere = 20_000;

    /// <summary>A message without an effect for so long is taken for lost. Two looks at the same time give one event.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>Sends the message if a look is due that is too long for the caller, unless it was sent a while ago.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>Whether the look is a worker's.</returns>
    public async Task<bool> DispatchAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        if (DuplicateChecker.Due(job, read).Sum(static generator => generator.Samples.Done) <= MaxSamplesHere) return false;
        var events = read.Control.Events.Count;
        var key = ObjectKeys.DuplicateCheckDispatch(job.Id);
        var last = (await store.TryGetJsonAsync<SentCheck>(key, cancellationToken)).Value;
        if (last?.Events == events && time.GetUtcNow() - last.SentAt < Patience) return true;
        await queue.SendAsync([new OutgoingMessage(new DuplicateCheckTask(job.Id, events).ToJson(), job.Id)], cancellationToken);
        await store.PutJsonAsync(key, new SentCheck(events, time.GetUtcNow()), cancellationToken: cancellationToken);
        return true;
    }

    private sealed record SentCheck(int Events, DateTimeOffset SentAt);
}
