namespace VmDataset.Cli.Api;

internal sealed record Generator
{
    public required string Name { get; init; }

    public bool Usable { get; init; }

    public string? Problem { get; init; }

    public string? Description { get; init; }

    public string? Category { get; init; }

    public string? Warning { get; init; }

    public JsonElement? Parameters { get; init; }

    public GeneratorCheck? Check { get; init; }
}

internal sealed record GeneratorCheck(string State, double? Seconds, string? Kind, string? Message);

internal sealed record Preview
{
    public required string Id { get; init; }

    public string State { get => field ?? ""; init; }

    public IReadOnlyList<PreviewSample> Samples { get => field ?? []; init; }

    public IReadOnlyList<Failure> Failures { get => field ?? []; init; }

    public PreviewLinks? Links { get; init; }
}

internal sealed record PreviewSample(long Index, long Seed, double Seconds, string? Prompt);

internal sealed record PreviewLinks(string Gallery, string Job);

internal sealed record Export
{
    public required string Id { get; init; }

    public string Profile { get => field ?? ""; init; }

    public string State { get => field ?? ""; init; }

    public long? Samples { get; init; }

    public long? Skipped { get; init; }

    public string? Usage { get; init; }

    public string? Problem { get; init; }

    /// <summary>Which samples share its shards; null where it copies none.</summary>
    public string? Shards { get; init; }

    public IReadOnlyList<ExportFile> Files { get => field ?? []; init; }
}

internal sealed record ExportFile(string Path, long Bytes, string Sha256);
