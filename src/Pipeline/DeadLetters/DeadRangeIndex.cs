using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>Records of ranges that were given up, listed once per job and generator, however many dead letters are redriven.</summary>
public sealed class DeadRangeIndex(IObjectStore store)
{
    private readonly ConcurrentDictionary<(string Job, string Generator), Task<List<(SampleRange Range, string Key)>>> _listed = new();

    private readonly PendingJobs _pending = new(store);

    private readonly ConcurrentDictionary<string, Task> _reopened = new(StringComparer.Ordinal);

    /// <summary>Notes that a job that may have ended goes on, so that it is reconciled again.</summary>
    public Task ReopenAsync(string jobId) => _reopened.GetOrAdd(jobId, id => _pending.MarkAsync(id));

    /// <summary>Removes the records within a message's range: of a partly finished message only parts were recorded.</summary>
    public async Task RemoveAsync(BatchMessage message, JobControlState control)
    {
        var entries = await _listed.GetOrAdd((message.JobId, message.Name), key => ListAsync(key.Job, key.Generator, control));
        var range = message.Range;
        var first = entries.BinarySearch((new SampleRange(range.Start, 1), ""), ByStart);
        var within = entries.Skip(first < 0 ? ~first : first).TakeWhile(entry => entry.Range.Start < range.End)
            .Where(entry => entry.Range.End <= range.End).Select(static entry => entry.Key).ToList();
        if (within.Count > 0) await store.DeleteManyAsync(within);
    }

    // The empty key sorts before every other, so a search by start alone finds the first entry there.
    private static readonly Comparer<(SampleRange Range, string Key)> ByStart =
        Comparer<(SampleRange Range, string Key)>.Create(static (a, b) =>
        a.Range.Start != b.Range.Start ? a.Range.Start.CompareTo(b.Range.Start) : string.CompareOrdinal(a.Key, b.Key));

    private async Task<List<(SampleRange Range, string Key)>> ListAsync(string jobId, string generator, JobControlState control)
    {
        List<(SampleRange Range, string Key)> entries = [];
        // Since the last retry of all, each resumption and each retry of ranges was a generation of its own.
        foreach (var generation in control.GenerationsSinceRetry(generator))
        {
            await foreach (var listed in store.ListAsync(ObjectKeys.DeadPrefix(jobId, generation, generator)))
                if (ObjectKeys.TryParseRange(listed.Key, out _, out var range)) entries.Add((range, listed.Key));
        }

        entries.Sort(ByStart);
        return entries;
    }
}
