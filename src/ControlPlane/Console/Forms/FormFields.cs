using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace VmDataset.ControlPlane.Console.Forms;

/// <summary>Turns the texts of a form into the JSON that the API takes, so that the API's own readers judge them.</summary>
internal static class FormFields
{
    // Errors quote what was written; pages encode it for themselves.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A number where the text is one, else the text itself: its reader says what is allowed. Null for an empty field.</summary>
    public static JsonNode? Scalar(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var trimmed = text.Trim();
        return IsNumber(trimmed) ? JsonNode.Parse(trimmed) : JsonValue.Create(text);
    }

    /// <summary>The text as it is; null for an empty field.</summary>
    public static JsonNode? Text(string? text) => string.IsNullOrEmpty(text) ? null : JsonValue.Create(text);

    /// <summary>Any JSON value, else the text itself.</summary>
    public static JsonNode? Value(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            return JsonNode.Parse(text) ?? JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>An object of those fields that are there.</summary>
    public static JsonElement Object(params IEnumerable<(string Name, JsonNode? Value)> fields)
    {
        var found = new JsonObject();
        foreach (var (name, value) in fields)
            if (value is not null) found[name] = value;
        return JsonSerializer.SerializeToElement(found, AsWritten);
    }

    private static bool IsNumber(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
