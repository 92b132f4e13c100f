using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Jobs;

/// <summary>A job as it was accepted: written once, never changed. Everything else about it is read from the store.</summary>
public sealed record Job
{
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>1 to <see cref="JobLimits.MaxGenerators"/>, in the order asked for, without repetition.</summary>
    public required IReadOnlyList<JobGenerator> Generators { get; init; }

    public required int StartIndex { get; init; }

    /// <summary>Samples of each generator that has no number of its own, see <see cref="SamplesOf(JobGenerator)"/>.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples per queue message.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Sample <c>i</c> is drawn with the seed <c>Seed + i</c>.</summary>
    public required int Seed { get; init; }

    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Whether duplicates are replaced: of each generator the first different samples are wanted, as many as asked for, in the
    /// order of their indices, however many indices that takes. See <see cref="CandidatePlan"/>.</summary>
    public bool Unique { get; init; }

    /// <summary>Ids of jobs whose samples a unique job does not repeat; null if there are none.</summary>
    public IReadOnlyList<string>? UniqueAgainst { get; init; }

    /// <summary>What its videos and stills are brought into; null if they stay as the generators make them.</summary>
    public VideoSpec? Video { get; init; }

    /// <summary>The splits of its dataset; null if it has none. See <see cref="JobSplits"/>.</summary>
    public SplitPlan? Splits { get; init; }

    /// <summary>Generators whose samples all lie in one split; null if there are none.</summary>
    public IReadOnlyList<string>? Holdout { get; init; }

    /// <summary>That split; null for <see cref="JobSplits.DefaultHoldoutSplit"/>.</summary>
    public string? HoldoutSplit { get; init; }

    /// <summary>What its dataset says of itself; null if nothing.</summary>
    public DatasetAbout? About { get; init; }

    /// <summary>What it is called; null for its id. Like its tags and notes, it is for people and changes no sample.</summary>
    public string? Name { get; init; }

    /// <summary>By which lists find it; null if it has none.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>What its submitter wrote about it; null for nothing.</summary>
    public string? Notes { get; init; }

    /// <summary>Seconds that a sample may take; null for the worker's limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>What the submitter was warned of; null if of nothing.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>Who submitted it: the caller's id. Null before there were callers.</summary>
    public string? Owner { get; init; }

    /// <summary>Samples that may fail; one more stops the work, see <c>Control.FailureBudget</c>. Null sets no bound.</summary>
    public int? MaxFailedSamples { get; init; }

    /// <summary>The same in percent of the samples asked for, 0 to 100.</summary>
    public double? MaxFailedPercent { get; init; }

    /// <summary>Whether the budget is the whole job's or each generator's own.</summary>
    public BudgetScope FailureBudgetPer { get; init; }

    /// <summary>Names the record by which a repeated submission finds this job, see <c>Storage.ObjectKeys.Idempotency</c>.</summary>
    public string? IdempotencyId { get; init; }

    /// <summary>Who is told when the job has ended; null if nobody is.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>Dollars that it may cost; above them it is stopped. Null sets no bound.</summary>
    public double? MaxCostUsd { get; init; }

    /// <summary>Seconds that it may take from its submission, last resumption or retry; then it is stopped. Null sets no bound.</summary>
    public int? DeadlineSeconds { get; init; }

    public bool HasLimits => MaxCostUsd is not null || DeadlineSeconds is not null;

    /// <summary>What it was expected to take; null in previews and in jobs of earlier versions.</summary>
    public PlanRecord? Plan { get; init; }

    public bool HasFailureBudget => MaxFailedSamples is not null || MaxFailedPercent is not null;

    /// <summary>Samples asked for of a generator.</summary>
    public int SamplesOf(JobGenerator generator) => generator.Samples ?? Samples;

    /// <exception cref="InvalidOperationException">It is none of the job's.</exception>
    public int SamplesOf(string generator) => SamplesOf(GeneratorNamed(generator));

    /// <param name="name">A name within the job.</param>
    /// <exception cref="InvalidOperationException">It is none of the job's.</exception>
    public JobGenerator GeneratorNamed(string name) => Generators.First(each => each.Name == name);

    /// <summary>The indices asked for of a generator.</summary>
    public SampleRange Range(JobGenerator generator) => new(StartIndex, SamplesOf(generator));

    /// <summary>The indices that are drawn of a generator: those asked for, and those that are to replace duplicates.</summary>
    public SampleRange Range(JobGenerator generator, GeneratorControl control) =>
        new(StartIndex, control.LastCheck?.Next ?? SamplesOf(generator));

    /// <summary>The index behind the last one that may ever be drawn of a generator.</summary>
    public int EndOfDrawing(JobGenerator generator) => Unique ? StartIndex + CandidatePlan.Limit(this, SamplesOf(generator))
        : Range(generator).End;

    public IEnumerable<SampleRange> BatchesOf(JobGenerator generator, GeneratorControl control) =>
        Range(generator).Split(BatchSize).Concat((control.Checks ?? []).Where(static check => !check.Settled).SelectMany(Further));

    /// <summary>The batches of the indices that were found to be needed beside those that had been looked at.</summary>
    public IEnumerable<SampleRange> Further(DuplicateCheck check) =>
        SampleRange.Between(StartIndex + check.Candidates, StartIndex + check.Next).Split(BatchSize);

    /// <summary>Of all generators together.</summary>
    public long TotalSamples() => Generators.Sum(generator => (long)SamplesOf(generator));
}

/// <summary>A generator of a job.</summary>
/// <param name="Name">Its name within the job, and the name of its folder in the dataset.</param>
/// <param name="Version">Content version when the job was submitted; null if the folder was not known here.</param>
/// <param name="Parameters">What is set of it; null where its defaults hold.</param>
public sealed record JobGenerator(string Name, string? Version = null, ParameterSet? Parameters = null)
{
    /// <summary>The generator, where its name within the job is another one; null where it is the same.</summary>
    public string? Generator { get; init; }

    /// <summary>Samples of it; null for as many as the job asks for of each.</summary>
    public int? Samples { get; init; }

    /// <summary>The generator that draws.</summary>
    [JsonIgnore]
    public string Source => Generator ?? Name;

    /// <summary>The commit of its clone then; null where it was none.</summary>
    public string? Commit { get; init; }

    /// <summary>Where it was cloned from; null where that is not known.</summary>
    public string? Repository { get; init; }

    public static JobGenerator Of(GeneratorInfo generator) =>
        new(generator.Name, generator.Version) { Commit = generator.Commit, Repository = generator.Repository };
}
