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

    /// <summary>Whether a look is too long for the caller. How many samples other jobs have is not known here.</summary>
    public static bool IsForWorker(Job job, IReadOnlyList<GeneratorProgress> due) =>
        job.UniqueAgainst is not null || due.Sum(static generator => generator.Samples.Done) > MaxSamplesHere;

    /// <summary>Sends the message of a look, unless it was sent a while ago.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>What the worker found; null while it looks.</returns>
    public async Task<DuplicateCounts?> CountAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        var events = read.Control.Events.Count;
        var counts = await store.TryGetJsonAsync<DuplicateCounts>(ObjectKeys.DuplicateCounts(job.Id, events), cancellationToken);
        if (counts.Value is { } found && found.IsOf(job)) return found;
        var key = ObjectKeys.DuplicateCheckDispatch(job.Id);
        var last = (await store.TryGetJsonAsync<SentCheck>(key, cancellationToken)).Value;
        if (last?.Events == events && time.GetUtcNow() - last.SentAt < Patience) return null;
        await queue.SendAsync([new OutgoingMessage(new DuplicateCheckTask(job.Id, events).ToJson(), job.Id)], cancellationToken);
        await store.PutJsonAsync(key, new SentCheck(events, time.GetUtcNow()), cancellationToken: cancellationToken);
        return null;
    }

    private sealed record SentCheck(int Events, DateTimeOffset SentAt);
}
