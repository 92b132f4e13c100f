using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

public sealed class FailureStore(IObjectStore store)
{
    /// <summary>Stores the last error of a range that is tried again.</summary>
    public Task RecordAsync(string jobId, FailureRecord failure) =>
        store.PutJsonAsync(ObjectKeys.Failed(jobId, failure.Generator, RangeOf(failure)), failure);

    /// <summary>Stores that a range is given up, and why. It counts as failed from then on.</summary>
    /// <param name="generation">The dispatch generation of the message, see <c>JobControlState</c>.</param>
    public async Task DeadLetterAsync(string jobId, int generation, FailureRecord failure)
    {
        await RecordAsync(jobId, failure);
        await store.PutJsonAsync(ObjectKeys.Dead(jobId, generation, failure.Generator, RangeOf(failure)),
            new DeadRange { Reason = failure.Message, DiedAt = failure.FailedAt });
    }

    /// <summary>Reads a record; null if it is gone. An unreadable one becomes a failure of that kind, as its key has the range.</summary>
    /// <param name="key">A key of <see cref="ObjectKeys.Failed"/>.</param>
    public static async Task<FailureRecord?> ReadAsync(
        IObjectStore store, Job job, string key, RecordWarnings? warnings, CancellationToken cancellationToken)
    {
        var read = await store.TryGetJsonAsync<FailureRecord>(key, cancellationToken);
        if (read.OrWarn(warnings) is not null || read.Unreadable is not { } reason
            || !ObjectKeys.TryParseRange(key, out var generator, out var range))
            return read.Value;
        return new FailureRecord
        {
            Generator = generator,
            StartIndex = range.Start,
            NumSamples = range.Count,
            BaseSeed = job.Seed,
            Attempt = 1,
            Kind = FailureKind.Unreadable,
            Message = $"The record of the failure, '{key}', cannot be read: {reason}",
            FailedAt = read.LastModified!.Value,
        };
    }

    private static SampleRange RangeOf(FailureRecord failure) => new(failure.StartIndex, failure.NumSamples);
}
