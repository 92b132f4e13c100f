using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Datasets;

/// <summary>A queue message: write a part of a job's dataset, and the files about the whole dataset if that was the last part.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Part">The id of the part, see <see cref="DatasetPart.Id"/>.</param>
/// <param name="Events">The events in the job's log when the message was sent. After another event the job is no longer the same.</param>
public sealed record DatasetTask(string JobId, string Part, int Events)
{
    public const string Kind = "dataset";

    [JsonPropertyOrder(-1)]
    public string Task { get; } = Kind;

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    /// <summary>Reads a message's body; null if it is another message.</summary>
    public static DatasetTask? Parse(string body) => TaskJson.Parse<DatasetTask>(body, Kind) is { } read && Jobs.JobId.IsValid(read.JobId)
        && read.Part is not null ? read : null;
}
