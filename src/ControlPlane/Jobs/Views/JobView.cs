using VmDataset.ControlPlane.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A job and how far it is. Counts are exact: they are read from what is finished, not kept.</summary>
public sealed record JobView
{
    /// <summary>Names the job; ids sort by time of creation.</summary>
    /// <example>20261123-130501-9f3c2a7b</example>
    public required string Id { get; init; }

    /// <summary>When it was accepted (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who submitted it: <c>key:</c> and the key's id, <c>jwt:</c> and the token's subject, or <c>local</c>.</summary>
    /// <example>key:4be1c09a7d52</example>
    public string? CreatedBy { get; init; }

    /// <summary>
    /// <c>submitting</c>: not all batches are on the queue yet. <c>running</c>: samples are missing. <c>paused</c>: they wait for
    /// the job to be resumed. <c>succeeded</c>: every sample is finished. <c>failed</c>: every sample is finished or has failed for
    /// good, and at least one has failed; or the failure budget is spent. <c>cancelled</c>: samples are missing and stay so.
    /// <c>unreadable</c>: a record of the job cannot be read, as after a power cut; it can only be deleted.
    /// </summary>
    public required JobState State { get; init; }

    /// <summary>Why the work, or a part of it, was stopped, or which record cannot be read; absent otherwise.</summary>
    /// <example>The failure budget is spent: 101 samples failed in their last try; max_failed_samples is 100.</example>
    public string? Reason { get; init; }

    /// <summary>What is to be known of its samples: that not all were drawn by the version of the generator that it was submitted with. Absent if there is nothing.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>What was asked for, defaults filled in. Posted again, it makes the same samples again. Absent where the job's record cannot be read.</summary>
    public JobSpecView? Spec { get; init; }

    /// <summary>Samples of all generators together; all 0 where the job's record cannot be read.</summary>
    public required SampleCounts Samples { get; init; }

    /// <summary>Batches of all generators together; all 0 where the job's record cannot be read.</summary>
    public required BatchCounts Batches { get; init; }

    /// <summary>The same per generator, in the order asked for; left out in lists of jobs.</summary>
    public IReadOnlyList<JobGeneratorView>? Generators { get; init; }

    /// <summary>What was done to the job since it was submitted, in order; left out in lists of jobs.</summary>
    public IReadOnlyList<JobEventView>? History { get; init; }

    /// <summary>How the search for duplicates stands; absent in jobs that do not ask for it, and before the first look.</summary>
    public UniqueView? Unique { get; init; }

    /// <summary>Finished samples per second: over the last two minutes while running, over the whole run after; absent before the first sample.</summary>
    /// <example>14.2</example>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Seconds that the missing samples take at this rate; absent when there is no rate or nothing is missing.</summary>
    /// <example>632</example>
    public long? EtaSeconds { get; init; }

    /// <summary>
    /// When the last sample was finished or given up, or the work was halted (UTC); absent until the job has ended and, where its work was halted,
    /// for five seconds more, in which workers store what they had drawn. It does not move then.
    /// </summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether its files are a dataset yet, with tables, card and sums; left out in lists of jobs.</summary>
    public DatasetView? Dataset { get; init; }

    /// <summary>Where more of it is.</summary>
    public required JobLinks Links { get; init; }
}

/// <summary>What a job was asked for.</summary>
public sealed record JobSpecView
{
    /// <summary>The generators' names, in the order asked for; an object with name and parameters where these differ between generators.</summary>
    /// <example>["chess-task-data-generator"]</example>
    public required IReadOnlyList<GeneratorChoice> Generators { get; init; }

    /// <summary>What is set of every generator; absent if that is nothing, or differs.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>Samples of each generator.</summary>
    /// <example>10000</example>
    public required int Samples { get; init; }

    /// <summary>Samples per batch.</summary>
    /// <example>200</example>
    public required int BatchSize { get; init; }

    /// <summary>Sample i is drawn with the seed <c>seed + i</c>.</summary>
    /// <example>42</example>
    public required int Seed { get; init; }

    /// <summary>How the samples lie in the store.</summary>
    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Index of the first sample.</summary>
    /// <example>0</example>
    public required int StartIndex { get; init; }

    /// <summary>Whether duplicates are replaced; absent if they are not.</summary>
    /// <example>true</example>
    public bool? Unique { get; init; }

    /// <summary>The failure budget in samples; absent if there is none.</summary>
    /// <example>100</example>
    public int? MaxFailedSamples { get; init; }

    /// <summary>The failure budget in percent; absent if there is none.</summary>
    /// <example>5</example>
    public double? MaxFailedPercent { get; init; }

    /// <summary>Whose failures the budget counts; absent if there is none.</summary>
    public BudgetScope? FailureBudgetPer { get; init; }

    /// <summary>Who is told when the job has ended; absent if nobody is.</summary>
    /// <example>https://example.org/hooks/datasets</example>
    public Uri? WebhookUrl { get; init; }
}

/// <summary>Something that was done to a job.</summary>
public sealed record JobEventView
{
    /// <summary>When (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>cancelled</c>, <c>paused</c>, <c>resumed</c>, <c>retried</c>, <c>stopped</c> by the failure budget, <c>checked</c> for duplicates, or <c>generator_changed</c>: a worker drew another version than the job was submitted with.</summary>
    public required JobEventType Event { get; init; }

    /// <summary>The generator that it is about; absent for the whole job.</summary>
    public string? Generator { get; init; }

    /// <summary>Who did it, where known.</summary>
    public string? By { get; init; }

    /// <summary>Why, where known.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds that a sample may take since, where a retry said so.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The version that was drawn, where a generator changed.</summary>
    public string? Version { get; init; }
}

/// <summary>Samples, counted.</summary>
public sealed record SampleCounts
{
    /// <summary>To be drawn: those asked for and, where duplicates are replaced, those that replace them.</summary>
    /// <example>10000</example>
    public required long Total { get; init; }

    /// <summary>Finished.</summary>
    /// <example>1024</example>
    public required long Done { get; init; }

    /// <summary>Failed for good, at their third try: they rest in the dead-letter queue. A failure budget counts those too of which only a first try failed.</summary>
    /// <example>0</example>
    public required long Failed { get; init; }
}

/// <summary>Batches, counted.</summary>
public sealed record BatchCounts
{
    /// <summary>Batches that the job was split into.</summary>
    /// <example>50</example>
    public required long Total { get; init; }

    /// <summary>Batches with every sample finished.</summary>
    /// <example>5</example>
    public required long Done { get; init; }

    /// <summary>Batches of which a sample has failed for good.</summary>
    /// <example>0</example>
    public required long Dead { get; init; }

    /// <summary>Messages of the job that wait on the queue; absent where the queue cannot tell, and per generator.</summary>
    /// <example>43</example>
    public long? Queued { get; init; }

    /// <summary>Messages of the job that workers have in hand; absent where the queue cannot tell, and per generator.</summary>
    /// <example>2</example>
    public long? InFlight { get; init; }
}

/// <summary>How far a generator is within a job.</summary>
public sealed record JobGeneratorView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>Its content's version when the job was submitted.</summary>
    /// <example>0b6ff3a8c1d24e57</example>
    public string? Version { get; init; }

    /// <summary>What is set of it; absent where its defaults hold.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>How it stands; the words mean the same as for the job.</summary>
    public required JobState State { get; init; }

    /// <summary>Why its work was stopped; absent if it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>Its samples; those that are to replace duplicates count too.</summary>
    public required SampleCounts Samples { get; init; }

    /// <summary>How the search for its duplicates stands; absent in jobs that do not ask for it, and before the first look.</summary>
    public GeneratorUniqueView? Unique { get; init; }

    /// <summary>Its batches.</summary>
    public required BatchCounts Batches { get; init; }
}

/// <summary>Paths on this server.</summary>
public sealed record JobLinks
{
    /// <summary>The job.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b</example>
    public required string Self { get; init; }

    /// <summary>Its finished samples.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/samples</example>
    public required string Samples { get; init; }

    /// <summary>Its batches.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/batches</example>
    public required string Batches { get; init; }

    /// <summary>What happens to it, as a stream of events.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/events</example>
    public required string Events { get; init; }

    /// <summary>Its failures.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/failures</example>
    public required string Failures { get; init; }

    /// <summary>Links to every file of its dataset.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/download</example>
    public required string Download { get; init; }

    /// <summary>A page that shows its samples in a browser.</summary>
    /// <example>/jobs/20261123-130501-9f3c2a7b</example>
    public required string Gallery { get; init; }
}
