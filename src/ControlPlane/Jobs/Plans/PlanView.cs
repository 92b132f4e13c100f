using VmDataset.ControlPlane.Planning;
using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>What a job will take. Nothing of it is stored or sent.</summary>
public sealed record PlanView
{
    /// <summary>The least certain source of the generators' figures.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>Samples of all generators together.</summary>
    /// <example>2000000</example>
    public required long Samples { get; init; }

    /// <summary>Batches of all generators together.</summary>
    /// <example>10000</example>
    public required long Batches { get; init; }

    /// <summary>Samples a batch, as requested or by default.</summary>
    /// <example>200</example>
    public required int BatchSize { get; init; }

    /// <summary>The batch size that suits the workers best.</summary>
    /// <example>500</example>
    public required int BestBatchSize { get; init; }

    /// <summary>Bytes of all samples.</summary>
    /// <example>340000000000</example>
    public required long Bytes { get; init; }

    /// <summary>Seconds from the submission to the last sample.</summary>
    public required RangeView Seconds { get; init; }

    /// <summary>This machine's part of the figures; absent in a plan for AWS.</summary>
    public PlanMachineView? Machine { get; init; }

    /// <summary>The AWS stack's part of the figures; absent in a plan for this machine.</summary>
    public PlanAwsView? Aws { get; init; }

    /// <summary>The figures of each generator, in the order of the request.</summary>
    public required IReadOnlyList<PlanGeneratorView> Generators { get; init; }

    /// <summary>Reasons to change the request or the fleet, each with the way out.</summary>
    public required IReadOnlyList<PlanWarningView> Warnings { get; init; }
}

/// <summary>A plan's figures for this machine.</summary>
public sealed record PlanMachineView
{
    /// <summary>Samples that are drawn at once.</summary>
    /// <example>2</example>
    public required int Lanes { get; init; }

    /// <summary>Minutes from the submission to the last sample, if the machine has nothing else to do.</summary>
    public required RangeView Minutes { get; init; }

    /// <summary>Minutes of all lanes together.</summary>
    public required RangeView CoreMinutes { get; init; }
}

/// <summary>The figures of a generator in a plan.</summary>
public sealed record PlanGeneratorView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Name { get; init; }

    /// <summary>The source of the figures.</summary>
    public required PlanBasis Basis { get; init; }

    /// <summary>Samples that were measured.</summary>
    /// <example>600</example>
    public required long MeasuredSamples { get; init; }

    /// <summary>Seconds of a lane a sample: half of the samples take longer.</summary>
    /// <example>0.11</example>
    public required double MedianSeconds { get; init; }

    /// <summary>The standard deviation of the logarithm of these seconds.</summary>
    /// <example>0.25</example>
    public required double Spread { get; init; }

    /// <summary>vCPU seconds in a lane's second; absent if nobody measured it, and 1 is taken.</summary>
    /// <example>0.97</example>
    public double? CpuShare { get; init; }

    /// <summary>Files a sample.</summary>
    /// <example>5</example>
    public required double FilesPerSample { get; init; }

    /// <summary>Bytes a sample.</summary>
    /// <example>170000</example>
    public required double BytesPerSample { get; init; }

    /// <summary>MB that a sample's process held at most; absent if nobody measured it.</summary>
    /// <example>150</example>
    public double? MemoryMb { get; init; }

    internal static PlanGeneratorView Of(PlannedGenerator generator) => new()
    {
        Name = generator.Name,
        Basis = generator.Calibration.Basis,
        MeasuredSamples = generator.Calibration.Samples,
        MedianSeconds = Math.Round(generator.Calibration.MedianSeconds, 4),
        Spread = Math.Round(generator.Calibration.Spread, 3),
        CpuShare = generator.Calibration.CpuShare is { } share ? Math.Round(share, 3) : null,
        FilesPerSample = Math.Round(generator.Calibration.FilesPerSample, 2),
        BytesPerSample = Math.Round(generator.Calibration.BytesPerSample),
        MemoryMb = generator.Calibration.MemoryMb is { } memory ? Math.Round(memory) : null,
    };
}

/// <summary>A reason to change a request or a fleet.</summary>
public sealed record PlanWarningView
{
    /// <summary>A word for programs.</summary>
    /// <example>files_puts</example>
    public required string Code { get; init; }

    /// <summary>The expected trouble, and the way out.</summary>
    /// <example>The files format stores 10,000,000 objects, each a PUT. Way out: "output_format": "webdataset", one PUT a batch.</example>
    public required string Message { get; init; }
}
