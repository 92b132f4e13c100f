namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A page of a list that may be about one of the job's generators alone.</summary>
internal class GeneratorQuery : PageQuery
{
    [FromQuery(Name = "generator"), Description("Only items of this generator, which must be one of the job's."),
        RegularExpression(GeneratorName.Pattern)]
    public string? Generator { get; init; }

    /// <returns>The problem if the parameters name what the job does not have; else null.</returns>
    public virtual ProblemHttpResult? ProblemIn(Job job) =>
        Generator is null || job.Generators.Any(each => each.Name == Generator) ? null : JobLookup.NotOfJob(job.Id, Generator);
}
