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
    public async Task BuryAsync(string jobId, FailureRecord failure)
    {
        await RecordAsync(jobId, failure);
        await store.PutJsonAsync(ObjectKeys.Dead(jobId, failure.Generator, RangeOf(failure)),
            new DeadRange { Reason = failure.Message, DiedAt = failure.FailedAt });
    }

    private static SampleRange RangeOf(FailureRecord failure) => new(failure.StartIndex, failure.NumSamples);
}
