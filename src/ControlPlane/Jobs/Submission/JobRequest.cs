using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>What a job is to make: <c>samples</c> samples of each of <c>generators</c>.</summary>
public sealed record JobRequest
{
    internal const string Example = """{"generators": ["chess-task-data-generator"], "samples": 100}""";

    /// <summary>
    /// The generators' names, without repetition, or the word <c>all</c> for every usable one. An object instead of a name adds
    /// parameters for that generator alone.
    /// </summary>
    public required IReadOnlyList<GeneratorChoice> Generators { get; init; }

    /// <summary>What is set of the generators.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>Samples of each generator.</summary>
    /// <example>10000</example>
    [Range(1, JobLimits.MaxSamples)]
    public required int Samples { get; init; }

    /// <summary>
    /// Samples per batch, the unit of work and of retry; in the webdataset format also the samples per tar.
    /// Default: a fiftieth of samples, but at least 10 and at most 1,000 or what keeps the job within 1,000,000 batches.
    /// The samples themselves do not depend on it.
    /// </summary>
    /// <example>200</example>
    [Range(1, JobLimits.MaxBatchSize)]
    public int? BatchSize { get; init; }

    /// <summary>
    /// Sample i is drawn with the seed <c>seed + i</c>, which is at most 2,147,483,647 too. The same generator, seed and
    /// index give the same sample. Default: a random one below 1,000,000,000, reported in the answer.
    /// </summary>
    /// <example>42</example>
    [Range(0, JobLimits.MaxSeed)]
    public int? Seed { get; init; }

    /// <summary>
    /// How the samples lie in the store: <c>files</c> gives a folder per sample, <c>webdataset</c> a tar per finished range.
    /// </summary>
    [DefaultValue(OutputFormat.Files)]
    public OutputFormat OutputFormat { get; init; }

    /// <summary>Index of the first sample; start_index + samples is at most 100,000,000. A later job can so add to an earlier one.</summary>
    [Range(0, JobLimits.MaxIndexEnd - 1)]
    [DefaultValue(0)]
    public int StartIndex { get; init; }

    /// <summary>
    /// Replaces duplicates: of each generator the dataset holds the first <c>samples</c> different samples in the order of their indices,
    /// and as many indices are drawn as that takes, up to ten times <c>samples</c> and 1,000 more, or until so many in a row repeat
    /// earlier ones that the generator counts as exhausted; then it holds fewer. The batch size has no part in it.
    /// </summary>
    [DefaultValue(false)]
    public bool Unique { get; init; }

    /// <summary>
    /// Failure budget: if more samples than this fail, the work stops, and what is done stays. A sample counts from its first failed
    /// try until one is finished. Default: the work goes on to its end.
    /// </summary>
    /// <example>100</example>
    [Range(0, int.MaxValue)]
    public int? MaxFailedSamples { get; init; }

    /// <summary>The failure budget in percent of the samples asked for, instead of <c>max_failed_samples</c>.</summary>
    /// <example>5</example>
    [Range(0, 100)]
    public double? MaxFailedPercent { get; init; }

    /// <summary>
    /// Whose failures the budget counts: those of the whole <c>job</c>, which then stops, or each <c>generator</c>'s own, which stops
    /// that generator alone.
    /// </summary>
    [DefaultValue(BudgetScope.Job)]
    public BudgetScope FailureBudgetPer { get; init; }

    /// <summary>
    /// Where the server posts that the job has ended, signed by the Standard Webhooks specification: an https URL at a public
    /// address, unless the server allows others. It is shown to whoever may look at the job.
    /// </summary>
    /// <example>https://example.org/hooks/datasets</example>
    [MaxLength(WebhookUrlReader.MaxLength)]
    public Uri? WebhookUrl { get; init; }
}
