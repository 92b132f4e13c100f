namespace VmDataset.ControlPlane.Operations.DeadLetters;

/// <summary>Which job's dead letters are meant.</summary>
internal class DeadLetterQuery : IParameters
{
    [FromQuery(Name = "job_id"), Description("Only this job's dead letters."), RegularExpression(Pipeline.Jobs.JobId.Pattern),
        Example("20261123-130501-9f3c2a7b")]
    public string? JobId { get; init; }

    public virtual void Read(List<ValidationError> errors)
    {
        if (JobId is not null && !Pipeline.Jobs.JobId.IsValid(JobId)) errors.Add(WrongJob(JobId));
    }

    public static ValidationError WrongJob(string? jobId) =>
        new("job_id", $"job_id is {(jobId is null ? "missing" : $"'{jobId}'")}; allowed: {Pipeline.Jobs.JobId.Rule}.");
}

/// <summary>Which dead letters to list.</summary>
internal sealed class DeadLetterListQuery : DeadLetterQuery
{
    private int _size;

    [FromQuery(Name = "limit"), Description("Maximum number of items in the answer."), Range(1, PageQuery.MaxSize),
        AbsentMeans(PageQuery.DefaultSize)]
    public string? Limit { get; init; }

    /// <summary>Items in the answer, at most.</summary>
    public int Size => _size;

    public override void Read(List<ValidationError> errors)
    {
        base.Read(errors);
        _size = PageQuery.SizeOf(Limit, errors);
    }
}
