using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Webhooks;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>A request for a job: samples of each of <c>generators</c>.</summary>
public record JobRequest
{
    internal const string Example = """{"generators": ["chess-task-data-generator"], "samples": 100, "seed": 42}""";

    /// <summary>
    /// The generators' names, without repetition, or the word <c>all</c> for every usable one. An object instead of a name sets for that
    /// generator alone its <c>parameters</c>, its number of <c>samples</c>, or a name within the job, <c>as</c>: so one generator can be
    /// there several times, with other parameters each.
    /// </summary>
    public required IReadOnlyList<GeneratorChoice> Generators { get; init; }

    /// <summary>Parameters of the generators.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>Number of samples of each generator that has no number of its own. Required unless all have one.</summary>
    /// <example>10000</example>
    [Range(1, JobLimits.MaxSamples)]
    public int? Samples { get; init; }

    /// <summary>
    /// Number of samples per batch, the unit of work and of retry; in the webdataset format also per tar.
    /// Default: a fiftieth of samples, but at least 10 and at most 1,000 or what keeps the job within 1,000,000 batches.
    /// The samples themselves do not depend on it.
    /// </summary>
    /// <example>200</example>
    [Range(1, JobLimits.MaxBatchSize)]
    public int? BatchSize { get; init; }

    /// <summary>
    /// The base seed: sample i is drawn with <c>seed + i</c>, which must be at most 2,147,483,647. The same generator, seed and
    /// index give the same sample. Jobs of neighbouring seeds share samples: those of seed 42 and 43 share all but one. To draw others,
    /// take a seed at least <c>samples</c> away; the answer's <c>warnings</c> name earlier jobs with the same samples. Default: a random
    /// seed below 1,000,000,000, reported in the answer.
    /// </summary>
    /// <example>42</example>
    [Range(0, JobLimits.MaxSeed)]
    public int? Seed { get; init; }

    /// <summary>
    /// The format of the samples in the store: <c>files</c> gives a folder per sample, <c>webdataset</c> a tar per finished range.
    /// </summary>
    [DefaultValue(OutputFormat.Files)]
    public OutputFormat OutputFormat { get; init; }

    /// <summary>Index of the first sample; start_index + samples must be at most 100,000,000. With it a later job can extend an earlier
    /// one.</summary>
    [Range(0, JobLimits.MaxIndexEnd - 1)]
    [DefaultValue(0)]
    public int StartIndex { get; init; }

    /// <summary>
    /// Replaces duplicates: of each generator the dataset holds the first <c>samples</c> different samples in the order of their indices,
    /// and as many indices are drawn as that takes, up to ten times <c>samples</c> and 1,000 more, or until so many in a row repeat
    /// earlier ones that the generator counts as exhausted; then the dataset holds fewer. The batch size does not affect the result.
    /// </summary>
    [DefaultValue(false)]
    public bool Unique { get; init; }

    /// <summary>
    /// Ids of jobs that have ended. The job is <c>unique</c> and repeats none of their samples either: what they have of a generator counts
    /// as a duplicate here. They are read when this job's samples are first compared; what becomes of them later changes nothing.
    /// </summary>
    /// <example>["20260101-120000-0123abcd"]</example>
    [MinLength(1), MaxLength(UniqueAgainstReader.MaxJobs)]
    public IReadOnlyList<string>? UniqueAgainst { get; init; }

    /// <summary>The form that every sample's video and stills are brought into.</summary>
    public VideoSpec? Video { get; init; }

    /// <summary>
    /// Splits of the dataset with their shares: up to 10 names of ASCII letters, digits and underscores, shares above 0 that sum to 1. A
    /// sample's content decides its split: equal samples are in one split, and neither further samples nor another batch size move any.
    /// Each split has tables and tars of its own. Default: no splits.
    /// </summary>
    /// <example>{"train": 0.9, "validation": 0.05, "test": 0.05}</example>
    public IReadOnlyDictionary<string, double>? Splits { get; init; }

    /// <summary>Names of generators whose samples all go to one split, <c>holdout_split</c>; with <c>splits</c> alone.</summary>
    /// <example>["maze-data-generator"]</example>
    [MinLength(1), MaxLength(JobLimits.MaxGenerators)]
    public IReadOnlyList<string>? Holdout { get; init; }

    /// <summary>The split of the generators in <c>holdout</c>: one of <c>splits</c>, or a further one.</summary>
    /// <example>out_of_domain</example>
    [RegularExpression(SplitPlan.NamePattern), DefaultValue(JobSplits.DefaultHoldoutSplit)]
    public string? HoldoutSplit { get; init; }

    /// <summary>What the dataset's card and its Croissant description say of it: licence, creator, page and so on.</summary>
    public DatasetAbout? About { get; init; }

    /// <summary>Seconds that a sample may take. Default: the worker's own limit.</summary>
    /// <example>300</example>
    [Range(1, JobLimits.MaxTimeoutSeconds)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>A name for people: a line. Like tags and notes, it changes no sample.</summary>
    /// <example>Mazes for the curriculum</example>
    [MinLength(1), MaxLength(TextRules.MaxLine)]
    public string? Name { get; init; }

    /// <summary>Tags by which the list of jobs finds it, each once: of ASCII letters, digits, '.', '_', ':', '/', '=' and '-'.</summary>
    /// <example>["curriculum", "team:vision"]</example>
    [MinLength(1), MaxLength(LabelReader.MaxTags)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Notes for people: a text.</summary>
    /// <example>Replaces the set of October, whose mazes were too easy.</example>
    [MinLength(1), MaxLength(LabelReader.MaxNotes)]
    public string? Notes { get; init; }

    /// <summary>
    /// Failure budget: if more samples than this fail, the work stops; finished samples stay. A sample counts from its first failed
    /// attempt until an attempt succeeds. Default: no budget.
    /// </summary>
    /// <example>100</example>
    [Range(0, int.MaxValue)]
    public int? MaxFailedSamples { get; init; }

    /// <summary>The failure budget in percent of the requested samples, instead of <c>max_failed_samples</c>.</summary>
    /// <example>5</example>
    [Range(0, 100)]
    public double? MaxFailedPercent { get; init; }

    /// <summary>
    /// The scope of the budget: the failures of the whole <c>job</c>, which then stops, or of each <c>generator</c>, which stops
    /// that generator alone.
    /// </summary>
    [DefaultValue(BudgetScope.Job)]
    public BudgetScope FailureBudgetPer { get; init; }

    /// <summary>
    /// Dollars that the job may cost; on the AWS backend alone. A job whose plan is dearer is refused, and one that comes to cost more is
    /// stopped; finished samples stay. Default: no limit.
    /// </summary>
    /// <example>20</example>
    [Range(0, JobLimits.MaxCostUsd)]
    public double? MaxCostUsd { get; init; }

    /// <summary>
    /// Seconds that the job may take. A job whose plan is longer is refused, and one that runs so long after its submission, its last
    /// resumption or retry is stopped; finished samples stay. Default: no limit.
    /// </summary>
    /// <example>3600</example>
    [Range(1, JobLimits.MaxDeadlineSeconds)]
    public int? DeadlineSeconds { get; init; }

    /// <summary>
    /// The URL to which the server posts the job's end, signed by the Standard Webhooks specification: an https URL at a public
    /// address, unless the server allows others. Every caller that can read the job sees it.
    /// </summary>
    /// <example>https://example.org/hooks/datasets</example>
    [MaxLength(WebhookUrlReader.MaxLength)]
    public Uri? WebhookUrl { get; init; }
}
