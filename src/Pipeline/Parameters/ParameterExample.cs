using System.Text.Json.Nodes;

namespace VmDataset.Pipeline.Parameters;

/// <summary>A value that a schema allows, where none is given: the first choice, or what is smallest.</summary>
internal static class ParameterExample
{
    public static JsonNode? Of(JsonElement schema)
    {
        if (schema.TryGetProperty("default", out var usual)) return JsonNode.Parse(usual.GetRawText());
        if (schema.TryGetProperty("enum", out var choices) && choices.GetArrayLength() > 0) return JsonNode.Parse(choices[0].GetRawText());
        var kind = !schema.TryGetProperty("type", out var type) ? null
            : type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.GetString();
        return kind switch
        {
            "boolean" => JsonValue.Create(true),
            "integer" => JsonValue.Create((long)NumberOf(schema, 1)),
            "number" => JsonValue.Create(NumberOf(schema, 0.1)),
            // Digits are a text and a number: a script that reads a number from a text is served as well.
            "string" => JsonValue.Create(new string('1', Math.Max(1, (int)(Bound(schema, "minLength") ?? 1)))),
            "array" => ArrayOf(schema),
            "object" => new JsonObject(),
            _ => null,
        };
    }

    private static double NumberOf(JsonElement schema, double step)
    {
        step = Bound(schema, "multipleOf") ?? step;
        var (above, below) = (Bound(schema, "exclusiveMinimum"), Bound(schema, "exclusiveMaximum"));
        if (Bound(schema, "minimum") is { } least) return Math.Ceiling(least / step) * step;
        if (above is { } bound) return bound + step < (below ?? Bound(schema, "maximum") ?? double.MaxValue)
            ? (Math.Floor(bound / step) + 1) * step : (bound + (below ?? Bound(schema, "maximum")!.Value)) / 2;
        return Math.Min(Math.Max(1, step), Bound(schema, "maximum") ?? (below - step) ?? double.MaxValue);
    }

    private static JsonArray ArrayOf(JsonElement schema)
    {
        var count = Math.Max(1, (int)(Bound(schema, "minItems") ?? 1));
        var every = schema.TryGetProperty("items", out var items) ? items : default;
        var first = schema.TryGetProperty("prefixItems", out var given) ? given : default;
        return [.. Enumerable.Range(0, count).Select(i =>
            first.ValueKind == JsonValueKind.Array && i < first.GetArrayLength() ? Of(first[i])
            : every.ValueKind == JsonValueKind.Object ? Of(every) : JsonValue.Create(1))];
    }

    private static double? Bound(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
