using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>A job as it was accepted: written once, never changed. Everything else about it is read from the store.</summary>
public sealed record Job
{
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>1 to <see cref="JobLimits.MaxGenerators"/>, in the order asked for, without repetition.</summary>
    public required IReadOnlyList<JobGenerator> Generators { get; init; }

    /// <summary>First sample index.</summary>
    public required int StartIndex { get; init; }

    /// <summary>Samples of each generator.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples per queue message.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Sample <c>i</c> is drawn with the seed <c>Seed + i</c>.</summary>
    public required int Seed { get; init; }

    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Who submitted it: the caller's id. Null before there were callers.</summary>
    public string? Owner { get; init; }

    /// <summary>Samples that may fail; one more stops the work, see <see cref="Control.FailureBudget"/>. Null sets no bound.</summary>
    public int? MaxFailedSamples { get; init; }

    /// <summary>The same in percent of the samples asked for, 0 to 100.</summary>
    public double? MaxFailedPercent { get; init; }

    /// <summary>Whether the budget is the whole job's or each generator's own.</summary>
    public BudgetScope FailureBudgetPer { get; init; }

    /// <summary>Names the record by which a repeated submission finds this job, see <see cref="Storage.ObjectKeys.Idempotency"/>.</summary>
    public string? IdempotencyId { get; init; }

    /// <summary>Who is told when the job has ended; null if nobody is.</summary>
    public Uri? WebhookUrl { get; init; }

    public bool HasFailureBudget => MaxFailedSamples is not null || MaxFailedPercent is not null;

    /// <summary>The indices wanted of each generator.</summary>
    public SampleRange Range() => new(StartIndex, Samples);

    public int BatchesPerGenerator() => (Samples + BatchSize - 1) / BatchSize;

    /// <summary>Of all generators together.</summary>
    public long TotalSamples() => (long)Samples * Generators.Count;

    public long TotalBatches() => (long)BatchesPerGenerator() * Generators.Count;
}

/// <param name="Name">The generator's folder name.</param>
/// <param name="Version">Content version when the job was submitted; null if the folder was not known here.</param>
/// <param name="Parameters">What is set of it; null where its defaults hold.</param>
public sealed record JobGenerator(string Name, string? Version, ParameterSet? Parameters = null);
