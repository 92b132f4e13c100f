using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Dispatch;

/// <summary>A queue message: put the rest of a job's messages on the queue. A request on Lambda has no time to send very many.</summary>
public sealed record DispatchTask(string JobId)
{
    public const string Kind = "dispatch";

    [JsonPropertyOrder(-1)]
    public string Task { get; } = Kind;

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a message's body; null if it is another message.</summary>
    public static DispatchTask? Parse(string body) =>
        TaskJson.Parse<DispatchTask>(body, Kind) is { } read && Jobs.JobId.IsValid(read.JobId) ? read : null;
}
