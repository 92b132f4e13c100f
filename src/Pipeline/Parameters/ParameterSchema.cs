namespace VmDataset.Pipeline.Parameters;

/// <summary>A generator's parameters, as the generator host read them from the source: a JSON Schema (draft 2020-12) whose properties have
/// a type and the way to set them, a flag (<c>x-flag</c>) or a field of the generator's configuration (<c>x-field</c>).</summary>
[JsonConverter(typeof(ParameterSchemaConverter))]
public sealed class ParameterSchema
{
    private readonly Dictionary<string, JsonElement> _properties;

    private ParameterSchema(JsonElement schema, Dictionary<string, JsonElement> properties)
    {
        (Schema, _properties) = (schema, properties);
        Required = !schema.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.Array ? []
            : [.. required.EnumerateArray().Where(static name => name.ValueKind == JsonValueKind.String)
                .Select(static name => name.GetString()!).Where(properties.ContainsKey)];
    }

    public JsonElement Schema { get; }

    public IReadOnlyCollection<string> Names => _properties.Keys;

    /// <summary>Those of <see cref="Names"/> without which the generator does not run.</summary>
    public IReadOnlyList<string> Required { get; }

    /// <returns>Null for what is no schema of an object with properties.</returns>
    public static ParameterSchema? Read(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        && properties.EnumerateObject().All(static property => property.Value.ValueKind == JsonValueKind.Object)
            ? new ParameterSchema(schema.Clone(), properties.EnumerateObject()
                .ToDictionary(static property => property.Name, static property => property.Value.Clone(), StringComparer.Ordinal))
            : null;

    public bool Has(string name) => _properties.ContainsKey(name);

    /// <summary>The mistake in a value: "is …; allowed: …."; null if there is none.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public string? FindMistake(string name, JsonElement value) =>
        SchemaCheck.FindMistake(_properties[name], value)
        ?? (value.ValueKind == JsonValueKind.Array && _properties[name].TryGetProperty("x-flag", out _)
            && value.EnumerateArray().Any(IsLikeFlag)
            ? "has a text that begins with '-', which would be taken for a flag; allowed: texts that do not." : null);

    /// <summary>What a value may be: "an integer, at least 3".</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public string Allowed(string name) => SchemaCheck.Describe(_properties[name]);

    /// <summary>A value for each of <see cref="Required"/>, to try the generator with: the first choice, or the smallest. Null when
    /// nothing is required, or a required value cannot be made up.</summary>
    public ParameterSet? Examples()
    {
        if (Required.Count == 0) return null;
        var values = JsonSerializer.SerializeToElement(Required.ToDictionary(
            static name => name, name => ParameterExample.Of(_properties[name])));
        return ParameterSet.TryRead(values, out var set, out _)
            && Required.All(name => FindMistake(name, values.GetProperty(name)) is null) ? set : null;
    }

    /// <summary>The parameters in the generator's own terms.</summary>
    /// <exception cref="ArgumentException">One of them is not as the schema wants it.</exception>
    public ParameterBinding Bind(ParameterSet set)
    {
        List<string> arguments = [];
        Dictionary<string, JsonElement> config = new(StringComparer.Ordinal);
        foreach (var parameter in set.Values)
        {
            if (!Has(parameter.Name)) throw new ArgumentException(
                $"The generator has no parameter '{parameter.Name}'; allowed: {string.Join(", ", Names)}.");
            if (FindMistake(parameter.Name, parameter.Value) is { } mistake) throw new ArgumentException(
                $"The parameter '{parameter.Name}' {mistake}");
            var property = _properties[parameter.Name];
            if (property.TryGetProperty("x-flag", out var flag)) arguments.AddRange(
                Arguments(property, flag.GetString()!, parameter.Value));
            else config.Add(property.GetProperty("x-field").GetString()!, parameter.Value);
        }

        return new ParameterBinding(set, arguments, config.Count == 0 ? null : config);
    }

    private static IEnumerable<string> Arguments(JsonElement property, string flag, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => [flag],
        JsonValueKind.False => property.TryGetProperty("x-negative-flag", out var negative) ? [negative.GetString()!] : [],
        JsonValueKind.Array => [flag, .. value.EnumerateArray().Select(Text)],
        // In one argument: a value may begin with a dash.
        _ => [$"{flag}={Text(value)}"],
    };

    private static bool IsLikeFlag(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.StartsWith('-');

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}

internal sealed class ParameterSchemaConverter : JsonConverter<ParameterSchema>
{
    public override ParameterSchema Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ParameterSchema.Read(JsonElement.ParseValue(ref reader))
            ?? throw new JsonException("The parameters' schema is no schema of an object.");

    public override void Write(Utf8JsonWriter writer, ParameterSchema value, JsonSerializerOptions options) => value.Schema.WriteTo(writer);
}
