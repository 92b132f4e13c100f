using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Parameters;

/// <summary>Checks a value against the keywords that <c>generator_host/parameters.py</c> writes. Packages for all of JSON Schema speak
/// older drafts, or name keywords where our errors name the value and the allowed ones.</summary>
internal static class SchemaCheck
{
    /// <returns>"is …; allowed: …." or null.</returns>
    public static string? FindMistake(JsonElement schema, JsonElement value)
    {
        if (!Holds(schema, value, out var at, out var inner, out var wanted))
            return $"{(at.Length == 0 ? "" : $"has at {at} what ")}is {JsonFields.Describe(inner)}; allowed: {Describe(wanted)}.";
        return !schema.TryGetProperty("enum", out _) && FindPath(value) is { } path
            ? $"has {JsonFields.Describe(path)}, a path; allowed: texts that do not begin with '/' or '~' and have no '..' between slashes."
                : null;
    }

    /// <summary>A text that would lead a generator out of its folder if taken for a path: not every submitter may write there.</summary>
    private static JsonElement? FindPath(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()! is { Length: > 1 } text
            && (text[0] is '/' or '~' || text.Split('/', '\\').Contains("..")) ? value : null,
        JsonValueKind.Array => value.EnumerateArray().Select(FindPath).FirstOrDefault(static found => found is not null),
        JsonValueKind.Object => value.EnumerateObject().Select(static property => FindPath(property.Value))
            .FirstOrDefault(static found => found is not null),
        _ => null,
    };

    private static bool Holds(JsonElement schema, JsonElement value, out string at, out JsonElement inner, out JsonElement wanted)
    {
        (at, inner, wanted) = ("", value, schema);
        if (schema.TryGetProperty("type", out var type) && !Kinds(type).Any(kind => IsKind(kind, value))) return false;
        if (schema.TryGetProperty("enum", out var words)
            && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value))) return false;
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                return IsWithinBounds(schema, value.GetDouble());
            case JsonValueKind.String:
                return HasLength(schema, "Length", value.GetString()!.EnumerateRunes().Count());
            case JsonValueKind.Array:
                if (!HasLength(schema, "Items", value.GetArrayLength())) return false;
                foreach (var (i, element) in value.EnumerateArray().Index())
                {
                    if (ItemSchema(schema, i) is not { } item || Holds(item, element, out at, out inner, out wanted)) continue;
                    at = $"[{i}]{at}";
                    return false;
                }

                break;
            case JsonValueKind.Object:
                if (!HasLength(schema, "Properties", value.EnumerateObject().Count())) return false;
                if (!schema.TryGetProperty("additionalProperties", out var every)) break;
                foreach (var property in value.EnumerateObject())
                {
                    if (Holds(every, property.Value, out at, out inner, out wanted)) continue;
                    at = $".{property.Name}{at}";
                    return false;
                }

                break;
        }

        (at, inner, wanted) = ("", value, schema);
        return true;
    }

    private static bool IsKind(string kind, JsonElement value) => (kind, value.ValueKind) switch
    {
        ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("string", JsonValueKind.String)
            or ("array", JsonValueKind.Array) or ("object", JsonValueKind.Object) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => Math.Floor(value.GetDouble()) == value.GetDouble(),
        _ => false,
    };

    private static bool IsWithinBounds(JsonElement schema, double value) =>
        (Number(schema, "minimum") is not { } least || value >= least)
        && (Number(schema, "maximum") is not { } most || value <= most)
        && (Number(schema, "exclusiveMinimum") is not { } above || value > above)
        && (Number(schema, "exclusiveMaximum") is not { } below || value < below)
        && (Number(schema, "multipleOf") is not { } step || Math.Abs(Math.IEEERemainder(value, step)) < 1e-9);

    private static bool HasLength(JsonElement schema, string what, int length) =>
        (Number(schema, "min" + what) is not { } least || length >= least)
            && (Number(schema, "max" + what) is not { } most || length <= most);

    private static JsonElement? ItemSchema(JsonElement schema, int index) =>
        schema.TryGetProperty("prefixItems", out var first) && index < first.GetArrayLength() ? first[index]
        : schema.TryGetProperty("items", out var every) ? every
        : null;

    /// <returns>The end of "allowed: ".</returns>
    public static string Describe(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var words)) return string.Join(
            ", ", words.EnumerateArray().Select(static word => word.GetRawText()));
        var kinds = schema.TryGetProperty("type", out var type) ? string.Join(" or ", Kinds(type).Select(NameOf)) : "any value";
        return kinds + string.Concat(Bounds.Select(bound => Number(schema, bound.Keyword) is { } number
            ? string.Create(CultureInfo.InvariantCulture, $", {bound.Words} {number}") : ""));
    }

    private static readonly (string Keyword, string Words)[] Bounds =
    [
        ("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"), ("exclusiveMaximum", "below"),
            ("multipleOf", "a multiple of"),
        ("minItems", "elements from"), ("maxItems", "elements up to"), ("minLength", "characters from"), ("maxLength", "characters up to"),
        ("minProperties", "entries from"), ("maxProperties", "entries up to"),
    ];

    private static string NameOf(string kind) => kind switch
    {
        "integer" => "an integer",
        "array" => "an array",
        "object" => "an object",
        "boolean" => "true or false",
        "null" => "null",
        _ => $"a {kind}",
    };

    private static IEnumerable<string> Kinds(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static kind => kind.GetString()!) : [type.GetString()!];

    private static double? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
