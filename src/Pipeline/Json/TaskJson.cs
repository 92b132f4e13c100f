namespace VmDataset.Pipeline.Json;

/// <summary>Reads queue messages other than batches. Their field <c>task</c> names their kind; a batch has no such field.</summary>
public static class TaskJson
{
    /// <summary>Reads a message's body; null if it is a message of another kind, or malformed.</summary>
    public static T? Parse<T>(string body, string kind)
        where T : class
    {
        // Most messages are batches, and need not be parsed twice.
        if (!body.Contains("\"task\"", StringComparison.Ordinal)) return null;
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("task", out var task)
                && task.ValueKind == JsonValueKind.String && task.ValueEquals(kind) ? root.Deserialize<T>(WireJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
