namespace VmDataset.Worker.Datasets;

/// <summary>The body of a request that makes a job's samples again.</summary>
internal static class RepeatedRequest
{
    public static string Of(Job job) => JsonSerializer.Serialize(new
    {
        Generators = job.Generators.Select(static generator => generator.Parameters is null ? (object)generator.Name
            : new { generator.Name, generator.Parameters }),
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
        job.MaxFailedSamples,
        job.MaxFailedPercent,
        FailureBudgetPer = job.HasFailureBudget ? job.FailureBudgetPer : (BudgetScope?)null,
    }, WireJson.Options);
}
