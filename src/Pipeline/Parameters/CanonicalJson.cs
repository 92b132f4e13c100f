using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Parameters;

/// <summary>One text for equal JSON values, in the manner of RFC 8785: names in ordinal order, no spaces, 5.0 as 5.</summary>
internal static class CanonicalJson
{
    // Beyond it a double does not tell neighbouring integers apart.
    private const double LargestInteger = 9_007_199_254_740_991;

    private static readonly JsonWriterOptions Options = new() { Encoder = WireJson.Options.Encoder };

    /// <returns>Null for a name that is there twice, half a surrogate pair, the character 0, or a number that no double holds.</returns>
    public static string? TryWrite(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            if (!TryWrite(writer, value)) return null;
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static bool TryWrite(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return TryWriteObject(writer, value);
            case JsonValueKind.Array:
                writer.WriteStartArray();
                if (!value.EnumerateArray().All(element => TryWrite(writer, element))) return false;
                writer.WriteEndArray();
                return true;
            case JsonValueKind.Number:
                return TryWriteNumber(writer, value);
            case JsonValueKind.String:
                // No command line can carry the character 0.
                if (JsonFields.TextOf(value) is not { } text || text.Contains('\0', StringComparison.Ordinal)) return false;
                writer.WriteStringValue(text);
                return true;
            default:
                value.WriteTo(writer);
                return true;
        }
    }

    private static bool TryWriteObject(Utf8JsonWriter writer, JsonElement value)
    {
        SortedDictionary<string, JsonElement> properties = new(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (JsonFields.NameOf(property) is not { } name || !properties.TryAdd(name, property.Value)) return false;
        }

        writer.WriteStartObject();
        foreach (var (name, inner) in properties)
        {
            writer.WritePropertyName(name);
            if (!TryWrite(writer, inner)) return false;
        }

        writer.WriteEndObject();
        return true;
    }

    private static bool TryWriteNumber(Utf8JsonWriter writer, JsonElement value)
    {
        if (value.TryGetInt64(out var integer)) writer.WriteNumberValue(integer);
        else if (!value.TryGetDouble(out var number) || !double.IsFinite(number)) return false;
        else if (number == Math.Floor(number) && Math.Abs(number) <= LargestInteger) writer.WriteNumberValue((long)number);
        else writer.WriteNumberValue(number);
        return true;
    }
}
