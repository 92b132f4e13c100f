using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Exports;

/// <summary>A queue message: make an export of a job's dataset, or a part of one that copies samples.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Options">What to make.</param>
/// <param name="Of">The dataset to make it of. After a change of the job's data nothing is due any more.</param>
/// <param name="Part">The part, from 1; null for the export, which in shards is the plan of its parts.</param>
public sealed record ExportTask(string JobId, ExportOptions Options, string Of, int? Part = null)
{
    public const string Kind = "export";

    [JsonPropertyOrder(-1)]
    public string Task { get; } = Kind;

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a message's body; null if it is another message.</summary>
    public static ExportTask? Parse(string body) => TaskJson.Parse<ExportTask>(body, Kind) is { } read && Jobs.JobId.IsValid(read.JobId)
        && read.Of is { Length: > 16 } && read.Options is { Profile: not null, AreValid: true }
        && (read.Part is not { } part || (part > 0 && read.Options.Shards is not null)) ? read : null;
}
