using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>A job, as far as its time and cost depend on it.</summary>
public sealed record PlannedJob
{
    /// <summary>Seconds between two readings of the job's status by whoever waits for it.</summary>
    public const double PollSeconds = 5;

    /// <summary>One or more, with their calibration.</summary>
    public required IReadOnlyList<PlannedGenerator> Generators { get; init; }

    /// <summary>Samples of each generator that has no number of its own, 1 or more.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples a batch, 1 or more.</summary>
    public required int BatchSize { get; init; }

    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Shards of a batch: one, or one for each split. A small batch may have fewer.</summary>
    public int ShardsPerBatch { get; init; } = 1;

    /// <summary>Of all generators together.</summary>
    public long TotalSamples => Generators.Sum(generator => (long)SamplesOf(generator));

    /// <summary>Batches of all generators together.</summary>
    public long Batches => Generators.Sum(generator => (SamplesOf(generator) + BatchSize - 1L) / BatchSize);

    /// <summary>Samples of a generator on average, 1 or more.</summary>
    public int AverageSamples => (int)Math.Max(1, TotalSamples / Generators.Count);

    /// <summary>Bytes of all samples.</summary>
    public double Bytes => Generators.Sum(generator => generator.Calibration.BytesPerSample * SamplesOf(generator));

    /// <summary>Files of all samples, if each is an object.</summary>
    public double Files => Generators.Sum(generator => generator.Calibration.FilesPerSample * SamplesOf(generator));

    /// <summary>Samples asked for of a generator.</summary>
    public int SamplesOf(PlannedGenerator generator) => generator.Samples ?? Samples;

    /// <summary>The least certain of its generators' figures.</summary>
    public PlanBasis Basis => Generators.Max(static generator => generator.Calibration.Basis);
}

/// <param name="Name">The generator.</param>
/// <param name="Calibration">What a sample of it takes.</param>
/// <param name="Samples">Samples of it; null for as many as of each.</param>
public sealed record PlannedGenerator(string Name, GeneratorCalibration Calibration, int? Samples = null);
