namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>How far a job is: the fields of the job that change while it runs.</summary>
internal sealed record JobProgressView(
    JobState State, string? Reason, SampleCounts Samples, BatchCounts Batches, double? SamplesPerSecond, long? EtaSeconds,
        DateTimeOffset? FinishedAt)
{
    public static JobProgressView Of(JobView job) =>
        new(job.State, job.Reason, job.Samples, job.Batches, job.SamplesPerSecond, job.EtaSeconds, job.FinishedAt);

    /// <summary>Whether something happened since: a rate falls and a prediction wanders by the clock alone.</summary>
    public bool IsNews(JobProgressView later) =>
        this with { SamplesPerSecond = null, EtaSeconds = null } != later with { SamplesPerSecond = null, EtaSeconds = null };
}
