using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A job and its progress. Counts are exact: they are computed from the finished samples.</summary>
public sealed record JobView
{
    /// <summary>The job's id; ids sort by time of creation.</summary>
    /// <example>20261123-130501-9f3c2a7b</example>
    public required string Id { get; init; }

    /// <summary>Time at which the job was accepted (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The submitter: <c>key:</c> and the key's id, <c>jwt:</c> and the token's subject, <c>iam:</c> and an ARN, or
    /// <c>local</c>.</summary>
    /// <example>key:4be1c09a7d52</example>
    public string? CreatedBy { get; init; }

    /// <summary>Its name; absent if it has none.</summary>
    /// <example>Mazes for the curriculum</example>
    public string? Name { get; init; }

    /// <summary>Its tags; absent if it has none.</summary>
    /// <example>["curriculum", "team:vision"]</example>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Notes about it; absent if there are none.</summary>
    public string? Notes { get; init; }

    /// <summary>
    /// <c>submitting</c>: not all batches are on the queue yet. <c>running</c>: samples are missing. <c>paused</c>: they wait for
    /// the job to be resumed. <c>succeeded</c>: every sample is finished. <c>failed</c>: every sample is finished or has failed for
    /// good, and at least one has failed; or the failure budget is spent. <c>cancelled</c>: samples are missing and remain so.
    /// <c>unreadable</c>: a record of the job cannot be read, as after a power cut; it can only be deleted.
    /// </summary>
    public required JobState State { get; init; }

    /// <summary>The reason for which the work, or a part of it, was stopped or has failed, or the record that cannot be read; absent
    /// otherwise.</summary>
    /// <example>The failure budget is spent: 101 samples failed in their last try; max_failed_samples is 100.</example>
    public string? Reason { get; init; }

    /// <summary>Warnings about the samples: a generator gave the same sample for different seeds when it was tried; earlier jobs have some
    /// of them too, as their seeds overlap; not all of them were drawn by the generator's version at submission. Absent if there are
    /// none.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The job's request with its defaults filled in; posted again, it makes the same samples. Absent if the job's record cannot
    /// be read.</summary>
    public JobSpecView? Spec { get; init; }

    /// <summary>Samples of all generators together; all 0 if the job's record cannot be read.</summary>
    public required SampleCounts Samples { get; init; }

    /// <summary>Batches of all generators together; all 0 if the job's record cannot be read.</summary>
    public required BatchCounts Batches { get; init; }

    /// <summary>The same per generator, in the order of the request; absent in lists of jobs.</summary>
    public IReadOnlyList<JobGeneratorView>? Generators { get; init; }

    /// <summary>The events of the job since its submission, in order; absent in lists of jobs.</summary>
    public IReadOnlyList<JobEventView>? History { get; init; }

    /// <summary>Progress of the search for duplicates; absent in jobs that do not replace duplicates, and before the first check.</summary>
    public UniqueView? Unique { get; init; }

    /// <summary>Finished samples per second: over the last two minutes while the job runs, over the whole run afterwards; absent before
    /// the first sample.</summary>
    /// <example>14.2</example>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Seconds that the missing samples take at this rate; absent if there is no rate, no sample is missing, or the job is
    /// paused.</summary>
    /// <example>632</example>
    public long? EtaSeconds { get; init; }

    /// <summary>
    /// Time at which the last sample was finished or given up, or the work was halted (UTC). Absent until the job has ended and, if its
    /// work was halted, for five more seconds, in which workers store the samples already drawn. It does not change afterwards.
    /// </summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the job was expected to take; absent in lists of jobs, in previews and in jobs of earlier versions.</summary>
    public PlannedView? Plan { get; init; }

    /// <summary>
    /// What the job has taken so far, beside its plan; absent where there is no plan, and before the first finished sample.
    /// </summary>
    public ActualView? Actual { get; init; }

    /// <summary>The job's dataset with its tables, card and checksums; absent in lists of jobs.</summary>
    public DatasetView? Dataset { get; init; }

    /// <summary>Paths to more about the job.</summary>
    public required JobLinks Links { get; init; }
}

/// <summary>A job's request.</summary>
public sealed record JobSpecView
{
    /// <summary>The generators' names, in the order of the request; objects with name and parameters if these differ between
    /// generators.</summary>
    /// <example>["chess-task-data-generator"]</example>
    public required IReadOnlyList<GeneratorChoice> Generators { get; init; }

    /// <summary>Parameters of every generator; absent if there are none, or they differ.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>Number of samples of each generator.</summary>
    /// <example>10000</example>
    public required int Samples { get; init; }

    /// <summary>Samples per batch.</summary>
    /// <example>200</example>
    public required int BatchSize { get; init; }

    /// <summary>Sample i is drawn with the seed <c>seed + i</c>.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>The format of the samples in the store.</summary>
    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Index of the first sample.</summary>
    /// <example>0</example>
    public required int StartIndex { get; init; }

    /// <summary>Whether duplicates are replaced; absent if they are not.</summary>
    /// <example>true</example>
    public bool? Unique { get; init; }

    /// <summary>Jobs whose samples it does not repeat; absent if there are none.</summary>
    public IReadOnlyList<string>? UniqueAgainst { get; init; }

    /// <summary>The form that videos and stills are brought into; absent if they stay as the generators make them.</summary>
    public VideoSpec? Video { get; init; }

    /// <summary>Splits of the dataset with their shares; absent if there are none.</summary>
    /// <example>{"train": 0.9, "validation": 0.05, "test": 0.05}</example>
    public IReadOnlyDictionary<string, double>? Splits { get; init; }

    /// <summary>Generators whose samples all go to one split; absent if there are none.</summary>
    /// <example>["maze-data-generator"]</example>
    public IReadOnlyList<string>? Holdout { get; init; }

    /// <summary>That split; absent if no generator is held out.</summary>
    /// <example>test</example>
    public string? HoldoutSplit { get; init; }

    /// <summary>What its dataset says of itself; absent if nothing.</summary>
    public DatasetAbout? About { get; init; }

    /// <summary>Seconds that a sample may take; absent for the worker's own limit.</summary>
    /// <example>300</example>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The failure budget in samples; absent if there is none.</summary>
    /// <example>100</example>
    public int? MaxFailedSamples { get; init; }

    /// <summary>The failure budget in percent; absent if there is none.</summary>
    /// <example>5</example>
    public double? MaxFailedPercent { get; init; }

    /// <summary>The scope of the failure budget; absent if there is none.</summary>
    public BudgetScope? FailureBudgetPer { get; init; }

    /// <summary>Dollars that the job may cost; absent without a limit.</summary>
    /// <example>20</example>
    public double? MaxCostUsd { get; init; }

    /// <summary>Seconds that the job may take; absent without a limit.</summary>
    /// <example>3600</example>
    public int? DeadlineSeconds { get; init; }

    /// <summary>The URL that receives the job's events; absent if there is none.</summary>
    /// <example>https://example.org/hooks/datasets</example>
    public Uri? WebhookUrl { get; init; }
}

/// <summary>The progress of a generator within a job.</summary>
public sealed record JobGeneratorView
{
    /// <summary>The generator's name within the job.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>The generator, where the job gave it another name.</summary>
    public string? Generator { get; init; }

    /// <summary>The version of the generator's content at submission.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>The generator's parameters; absent if all have their defaults.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>The generator's state, with the same words as the job's.</summary>
    public required JobState State { get; init; }

    /// <summary>The reason for which its work was stopped; absent if it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>The generator's samples, replacements of duplicates included.</summary>
    public required SampleCounts Samples { get; init; }

    /// <summary>Progress of the search for its duplicates; absent in jobs that do not replace duplicates, and before the first
    /// check.</summary>
    public GeneratorUniqueView? Unique { get; init; }

    /// <summary>The batches.</summary>
    public required BatchCounts Batches { get; init; }
}

/// <summary>Paths on this server.</summary>
public sealed record JobLinks
{
    /// <summary>The job.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b</example>
    public required string Self { get; init; }

    /// <summary>The finished samples.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/samples</example>
    public required string Samples { get; init; }

    /// <summary>The batches.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/batches</example>
    public required string Batches { get; init; }

    /// <summary>The events, as a stream.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/events</example>
    public required string Events { get; init; }

    /// <summary>The failures.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/failures</example>
    public required string Failures { get; init; }

    /// <summary>Links to every file of the dataset.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/download</example>
    public required string Download { get; init; }

    /// <summary>A page that shows the samples in a browser.</summary>
    /// <example>/jobs/20261123-130501-9f3c2a7b/gallery</example>
    public required string Gallery { get; init; }

    /// <summary>The job's page in a browser.</summary>
    /// <example>/jobs/20261123-130501-9f3c2a7b</example>
    public required string Page { get; init; }
}
