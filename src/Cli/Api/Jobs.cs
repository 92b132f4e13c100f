namespace VmDataset.Cli.Api;

/// <summary>A job, as far as this program shows it.</summary>
internal sealed record Job
{
    public string? Id { get; init; }

    public required string State { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? CreatedBy { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string> Tags { get => field ?? []; init; }

    public required SampleCounts Samples { get; init; }

    public BatchCounts? Batches { get; init; }

    public IReadOnlyList<JobGenerator> Generators { get => field ?? []; init; }

    public IReadOnlyList<string> Warnings { get => field ?? []; init; }

    public JobSpec? Spec { get; init; }

    public double? SamplesPerSecond { get; init; }

    public long? EtaSeconds { get; init; }

    public Planned? Plan { get; init; }

    public Actual? Actual { get; init; }

    public Dataset? Dataset { get; init; }

    public JobLinks? Links { get; init; }

    /// <summary>Whether samples may still come by themselves.</summary>
    public bool IsActive => State is "submitting" or "running";

    public bool Succeeded => State == "succeeded";
}

internal sealed record SampleCounts(long Total, long Done, long Failed);

internal sealed record BatchCounts(long Total, long Done, long Failed);

internal sealed record JobGenerator(string Name, string State, string? Reason, SampleCounts Samples);

internal sealed record JobSpec
{
    public IReadOnlyList<JsonElement> Generators { get => field ?? []; init; }

    public JsonElement? Parameters { get; init; }

    public long Samples { get; init; }

    public long BatchSize { get; init; }

    public long Seed { get; init; }

    public string OutputFormat { get => field ?? ""; init; }

    public long StartIndex { get; init; }
}

internal sealed record JobLinks(string Self, string? Page);

internal sealed record Planned(Spread Seconds, Spread? CostUsd);

internal sealed record Actual
{
    public double Seconds { get; init; }

    public double? CostUsd { get; init; }

    public IReadOnlyList<ActualGenerator> Generators { get => field ?? []; init; }
}

/// <param name="CostUsd">Dollars so far; null where the API does not tell them for each generator.</param>
internal sealed record ActualGenerator(string Name, double SecondsPerSample, double? CostUsd);

internal sealed record Dataset
{
    public required string State { get; init; }

    public long Samples { get; init; }

    public long? Bytes { get; init; }

    public string? Problem { get; init; }

    public IReadOnlyList<DatasetFile> Files { get => field ?? []; init; }
}

internal sealed record DatasetFile(string Name, long Bytes, string Sha256);

/// <summary>A figure and the range in which it is expected.</summary>
internal sealed record Spread(double Low, double Likely, double High);

internal sealed record Failure
{
    public bool Permanent { get; init; }

    public string Generator { get => field ?? ""; init; }

    public long StartIndex { get; init; }

    public long Samples { get; init; }

    public int Attempt { get; init; }

    public string Kind { get => field ?? ""; init; }

    public string Message { get => field ?? ""; init; }

    public string? Traceback { get; init; }

    public string? LogTail { get; init; }

    public DateTimeOffset? FailedAt { get; init; }
}

/// <summary>Failures of one generator that say the same, numbers aside.</summary>
internal sealed record FailureCause
{
    public string Id { get => field ?? ""; init; }

    public string Generator { get => field ?? ""; init; }

    public string Kind { get => field ?? ""; init; }

    public string Message { get => field ?? ""; init; }

    public long Samples { get; init; }

    public long PermanentSamples { get; init; }

    public long Batches { get; init; }

    public long FirstIndex { get; init; }

    public required Failure Newest { get; init; }
}

internal sealed record FailureCausePage
{
    public required IReadOnlyList<FailureCause> Items { get; init; }

    public int LeftOut { get; init; }

    public int Records { get; init; }

    public string? NextCursor { get; init; }
}
