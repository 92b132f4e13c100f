namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>A generator as a job asks for it: its name alone, or with what is set of it.</summary>
/// <param name="Name">The generator.</param>
/// <param name="Parameters">What is set of it beside the job's own parameters.</param>
[JsonConverter(typeof(GeneratorChoiceConverter))]
public sealed record GeneratorChoice(string Name, ParameterSet? Parameters = null);

/// <summary>Writes a text where there are no parameters, so that most jobs keep their plain form.</summary>
internal sealed class GeneratorChoiceConverter : JsonConverter<GeneratorChoice>
{
    public override GeneratorChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = JsonElement.ParseValue(ref reader);
        if (value.ValueKind == JsonValueKind.String) return new GeneratorChoice(value.GetString()!);
        var parameters = value.TryGetProperty("parameters", out var set) ? set.Deserialize<ParameterSet>(options) : null;
        return new GeneratorChoice(value.GetProperty("name").GetString()!, parameters);
    }

    public override void Write(Utf8JsonWriter writer, GeneratorChoice value, JsonSerializerOptions options)
    {
        if (value.Parameters is null)
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", value.Name);
        writer.WritePropertyName("parameters");
        JsonSerializer.Serialize(writer, value.Parameters, options);
        writer.WriteEndObject();
    }
}
