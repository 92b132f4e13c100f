using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Progress;

/// <summary>Reads progress from object names: three LISTs, no object is opened.</summary>
public sealed class ProgressReader(IObjectStore store, TimeProvider time)
{
    public async Task<JobProgress> ReadAsync(Job job, CancellationToken cancellationToken = default)
    {
        var sent = LastSentAsync(job.Id, cancellationToken);
        var done = MarksAsync(ObjectKeys.DonePrefix(job.Id), cancellationToken);
        var dead = MarksAsync(ObjectKeys.DeadPrefix(job.Id), cancellationToken);
        return JobProgress.Of(job, (await sent)?.Batches ?? 0, await done, await dead, time.GetUtcNow());
    }

    /// <summary>The submission's newest check-point; null before the first.</summary>
    public async Task<SentMark?> LastSentAsync(string jobId, CancellationToken cancellationToken = default)
    {
        SentMark? last = null;
        await foreach (var entry in store.ListAsync(ObjectKeys.SentPrefix(jobId), cancellationToken: cancellationToken))
            last = new SentMark(ObjectKeys.BatchesOfSent(entry.Key), entry.LastModified, Paused: entry.Size > 0);
        return last;
    }

    /// <summary>The part of the message's range that no manifest covers yet.</summary>
    public Task<RangeSet> MissingAsync(BatchMessage message, CancellationToken cancellationToken = default) =>
        MissingAsync(message, message.Range, cancellationToken);

    /// <summary>The part of <paramref name="range"/>, a part of the message's, that no manifest covers yet.</summary>
    public async Task<RangeSet> MissingAsync(BatchMessage message, SampleRange range, CancellationToken cancellationToken = default)
    {
        var prefix = ObjectKeys.DonePrefix(message.JobId, message.Generator);
        // Manifests of a batch and of its parts begin within the batch, and keys sort by start: one short LIST is enough.
        var before = ObjectKeys.DoneBefore(message.JobId, message.Generator, message.BatchStart ?? message.StartIndex);
        List<SampleRange> done = [];
        await foreach (var entry in store.ListAsync(prefix, before, cancellationToken))
        {
            if (!ObjectKeys.TryParseRange(entry.Key, out _, out var found)) continue;
            if (found.Start >= range.End) break;
            done.Add(found);
        }

        return RangeSet.Of(range).Subtract(RangeSet.Of(done));
    }

    /// <summary>The ranges that the keys below a prefix name.</summary>
    /// <param name="prefix">One of <see cref="ObjectKeys"/>'s prefixes of ranges: done, failed or dead.</param>
    /// <param name="cancellationToken">Stops the LIST.</param>
    public async Task<IReadOnlyList<RangeMark>> MarksAsync(string prefix, CancellationToken cancellationToken = default)
    {
        List<RangeMark> marks = [];
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
        {
            if (ObjectKeys.TryParseRange(entry.Key, out var generator, out var range))
                marks.Add(new RangeMark(generator, range, entry.LastModified));
        }

        return marks;
    }
}

/// <param name="Batches">Messages known to be on the queue.</param>
/// <param name="At">When that was written.</param>
/// <param name="Paused">Whether the sender stopped there, so that anyone may go on at once.</param>
public sealed record SentMark(int Batches, DateTimeOffset At, bool Paused);
