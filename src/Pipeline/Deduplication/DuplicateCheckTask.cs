using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>A queue message: look for duplicates in what a unique job has drawn. It reads a record of each sample, which takes too long for
/// a request or a pass of the reconciler where there are many.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Events">The events in the job's log when the message was sent. After another event nothing is due any more.</param>
public sealed record DuplicateCheckTask(string JobId, int Events)
{
    public const string Kind = "duplicates";

    [JsonPropertyOrder(-1)]
    public string Task { get; } = Kind;

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a message's body; null if it is another message.</summary>
    public static DuplicateCheckTask? Parse(string body) =>
        TaskJson.Parse<DuplicateCheckTask>(body, Kind) is { } read && Jobs.JobId.IsValid(read.JobId) ? read : null;
}
