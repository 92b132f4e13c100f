namespace VmDataset.Worker.Datasets;

/// <summary>The body of a request that makes a job's samples again.</summary>
internal static class RepeatedRequest
{
    public static string Of(Job job) => JsonSerializer.Serialize(new
    {
        Generators = job.Generators.Select(Choice),
        job.Samples,
        job.Seed,
        job.StartIndex,
        job.OutputFormat,
        // Tars are as long as batches; files do not depend on them.
        BatchSize = job.OutputFormat == OutputFormat.WebDataset ? job.BatchSize : (int?)null,
        Unique = job.Unique ? true : (bool?)null,
        job.UniqueAgainst,
        job.Video,
        job.Splits,
        job.Holdout,
        job.HoldoutSplit,
        job.About,
        job.MaxFailedSamples,
        job.MaxFailedPercent,
        FailureBudgetPer = job.HasFailureBudget ? job.FailureBudgetPer : (BudgetScope?)null,
    }, WireJson.Options);

    private static object Choice(JobGenerator generator) =>
        generator is { Parameters: null, Generator: null, Samples: null } ? generator.Name : new
        {
            Name = generator.Source,
            As = generator.Generator is null ? null : generator.Name,
            generator.Samples,
            generator.Parameters,
        };
}
