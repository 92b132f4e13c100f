using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Progress;

/// <summary>What went wrong, in the object store.</summary>
public sealed class FailureStore(IObjectStore store)
{
    /// <summary>Notes the last error of a range that is tried again.</summary>
    public Task RecordAsync(string jobId, FailureRecord failure) =>
        store.PutJsonAsync(ObjectKeys.Failed(jobId, failure.Generator, RangeOf(failure)), failure);

    /// <summary>Notes that a range is given up, and why. It counts as failed from then on.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="round">The round of the message, see <see cref="Control.JobControl"/>.</param>
    /// <param name="failure">The last error.</param>
    public async Task BuryAsync(string jobId, int round, FailureRecord failure)
    {
        await RecordAsync(jobId, failure);
        await store.PutJsonAsync(ObjectKeys.Dead(jobId, round, failure.Generator, RangeOf(failure)),
            new DeadRange { Reason = failure.Message, DiedAt = failure.FailedAt });
    }

    private static SampleRange RangeOf(FailureRecord failure) => new(failure.StartIndex, failure.NumSamples);
}
