namespace VmDataset.Worker.Samples;

/// <summary>A sample's own texts, for its manifest. They are read here, once, as a dataset's millions of small files could not be read
/// again at its end, and bounded, so that a manifest is.</summary>
internal static class SampleText
{
    public const string PromptFile = "prompt.txt";

    public const string MetadataFile = "metadata.json";

    public const int MaxPrompt = 16_384;

    public const int MaxParameters = 8_000;

    // Who the sample is and when and where it was drawn: other columns, or no property of the sample.
    private static readonly string[] Identity = ["task_id", "generator", "domain", "timestamp", "param_hash", "generation", "seed"];
    private static readonly JsonWriterOptions Compact = new() { Encoder = WireJson.Options.Encoder };
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>The prompt, shortened, or what is wrong.</returns>
    public static (string? Prompt, string? Defect) ReadPrompt(byte[] content)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(content), StrictUtf8);
            var prompt = reader.ReadToEnd().Trim();
            if (prompt.Length == 0) return (null, "it is empty");
            return (prompt.Length <= MaxPrompt ? prompt : prompt[..(
                char.IsHighSurrogate(prompt[MaxPrompt - 2]) ? MaxPrompt - 2 : MaxPrompt - 1)] + "…", null);
        }
        catch (DecoderFallbackException)
        {
            return (null, "it is not UTF-8");
        }
    }

    /// <summary>The object <c>parameters</c> of the newer template, else all of an older <c>metadata.json</c> but its identity.</summary>
    /// <returns>A JSON object in one line; null if there is none, it is no JSON (Python may write NaN), or it is too long.</returns>
    public static string? ReadParameters(byte[] content)
    {
        try
        {
            using var metadata = JsonDocument.Parse(new MemoryStream(content));
            if (metadata.RootElement.ValueKind != JsonValueKind.Object) return null;
            using var text = new MemoryStream();
            using (var json = new Utf8JsonWriter(text, Compact)) Write(metadata.RootElement, json);
            return text.Length is > 2 and <= MaxParameters ? Encoding.UTF8.GetString(text.ToArray()) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, or a text in it that is no Unicode: what a generator writes there is its own affair.
            return null;
        }
    }

    private static void Write(JsonElement root, Utf8JsonWriter json)
    {
        if (root.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object)
        {
            parameters.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        foreach (var property in root.EnumerateObject().Where(static property => !Identity.Contains(property.Name))) property.WriteTo(json);
        json.WriteEndObject();
    }
}
