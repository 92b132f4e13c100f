using System.Text.Json.Nodes;

namespace VmDataset.ControlPlane.Console.Forms;

/// <summary>A parameter of a generator as a field of a form, from its JSON Schema.</summary>
public sealed record ParameterField
{
    public required string Name { get; init; }

    public required ParameterKind Kind { get; init; }

    public string? Description { get; init; }

    /// <summary>The value that holds if the field is empty; null if it is not known.</summary>
    public string? Default { get; init; }

    /// <summary>The values to choose from; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    internal static IEnumerable<ParameterField> Of(ParameterSchema schema) =>
        schema.Schema.GetProperty("properties").EnumerateObject().Select(static property => Of(property.Name, property.Value));

    /// <summary>What to choose from in a form; null where anything may be written.</summary>
    public IReadOnlyList<(string Value, string Text)>? Options()
    {
        var first = ("", Default is { } known ? $"default: {known}" : "default");
        if (Kind == ParameterKind.Flag) return [first, ("true", "yes"), ("false", "no")];
        return Choices.Count == 0 ? null : [first, .. Choices.Select(static choice => (choice, choice))];
    }

    /// <summary>The value of a text; null for an empty one. A wrong one is left to the API's check.</summary>
    internal JsonNode? Read(string text) => text.Length == 0 ? null : Kind switch
    {
        ParameterKind.Number => FormFields.Scalar(text),
        ParameterKind.Flag => text is "true" or "false" ? JsonValue.Create(text == "true") : text,
        ParameterKind.Text => text,
        _ => FormFields.Value(text),
    };

    private static ParameterField Of(string name, JsonElement schema)
    {
        List<string> choices = schema.TryGetProperty("enum", out var words) ? [.. words.EnumerateArray().Select(Said)] : [];
        return new ParameterField
        {
            Name = name,
            Kind = KindOf(schema),
            Description = schema.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()
                : null,
            Default = schema.TryGetProperty("default", out var value) ? Said(value) : null,
            Choices = choices,
        };
    }

    private static ParameterKind KindOf(JsonElement schema)
    {
        var type = schema.TryGetProperty("type", out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
        return type switch
        {
            "integer" or "number" => ParameterKind.Number,
            "boolean" => ParameterKind.Flag,
            "string" => ParameterKind.Text,
            _ => ParameterKind.Json,
        };
    }

    private static string Said(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}

/// <summary>How a parameter is written.</summary>
public enum ParameterKind
{
    Number,
    Flag,
    Text,

    /// <summary>As JSON.</summary>
    Json,
}
