namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A generator as a job asks for it: its name alone, or with what is set of it.</summary>
/// <param name="Name">The generator.</param>
/// <param name="As">Its name within the job; null for its own.</param>
/// <param name="Samples">Samples of it; null for as many as the job asks for of each.</param>
/// <param name="Parameters">What is set of it beside the job's own parameters.</param>
[JsonConverter(typeof(GeneratorChoiceConverter))]
public sealed record GeneratorChoice(string Name, ParameterSet? Parameters = null, string? As = null, int? Samples = null)
{
    [JsonIgnore]
    public bool IsPlain => Parameters is null && As is null && Samples is null;
}

/// <summary>Writes a text where nothing is set, so that most jobs keep their plain form.</summary>
internal sealed class GeneratorChoiceConverter : JsonConverter<GeneratorChoice>
{
    public override GeneratorChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = JsonElement.ParseValue(ref reader);
        if (value.ValueKind == JsonValueKind.String) return new GeneratorChoice(value.GetString()!);
        var parameters = value.TryGetProperty("parameters", out var set) ? set.Deserialize<ParameterSet>(options) : null;
        return new GeneratorChoice(value.GetProperty("name").GetString()!, parameters,
            value.TryGetProperty("as", out var alias) ? alias.GetString() : null,
            value.TryGetProperty("samples", out var samples) ? samples.GetInt32() : null);
    }

    public override void Write(Utf8JsonWriter writer, GeneratorChoice value, JsonSerializerOptions options)
    {
        if (value.IsPlain)
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", value.Name);
        if (value.As is { } alias) writer.WriteString("as", alias);
        if (value.Samples is { } samples) writer.WriteNumber("samples", samples);
        if (value.Parameters is not null)
        {
            writer.WritePropertyName("parameters");
            JsonSerializer.Serialize(writer, value.Parameters, options);
        }

        writer.WriteEndObject();
    }
}
