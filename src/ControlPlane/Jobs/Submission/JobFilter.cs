namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Which jobs a list shows; null for what does not matter.</summary>
/// <param name="Tag">One of their tags.</param>
/// <param name="Generator">The name of a generator, or a name within the job.</param>
/// <param name="CreatedBy">Who submitted them.</param>
/// <param name="Since">The earliest time of their submission.</param>
/// <param name="Until">Not submitted at this time or later.</param>
/// <param name="State">Their state now.</param>
internal sealed record JobFilter(string? Tag = null, string? Generator = null, string? CreatedBy = null, DateTimeOffset? Since = null,
    DateTimeOffset? Until = null, JobState? State = null)
{
    public static readonly JobFilter None = new();

    /// <summary>Whether a job, and all that were submitted before it, came too early.</summary>
    public bool IsBefore(StoredRecord<Job> record) => Since is { } since && record.Value?.CreatedAt < since;

    /// <summary>Whether the record fits; the state is another reading.</summary>
    public bool Fits(StoredRecord<Job> record)
    {
        if (record.Value is not { } job) return this with { State = null } == None;
        return (Tag is null || job.Tags?.Contains(Tag) == true)
            && (Generator is null || job.Generators.Any(each => each.Source == Generator || each.Name == Generator))
            && (CreatedBy is null || job.Owner == CreatedBy)
            && !(job.CreatedAt < Since) && !(job.CreatedAt >= Until);
    }
}
