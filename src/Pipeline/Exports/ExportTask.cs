using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Exports;

/// <summary>A queue message: make an export of a job's dataset.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Options">What to make.</param>
/// <param name="Of">The dataset to make it of. After a change of the job's data nothing is due any more.</param>
public sealed record ExportTask(string JobId, ExportOptions Options, string Of)
{
    public const string Kind = "export";

    [JsonPropertyOrder(-1)]
    public string Task { get; } = Kind;

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a message's body; null if it is another message.</summary>
    public static ExportTask? Parse(string body) => TaskJson.Parse<ExportTask>(body, Kind) is { } read && Jobs.JobId.IsValid(read.JobId)
        && read.Of is not null && read.Options?.Profile is { } name && ExportProfile.Find(name) is not null
        && (read.Options.BasePath is not { } path || ExportOptions.IsBasePath(path))
        && (read.Options.Split is not { } split || Jobs.SplitPlan.IsName(split)) ? read : null;
}
