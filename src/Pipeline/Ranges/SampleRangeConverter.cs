namespace VmDataset.Pipeline.Ranges;

/// <summary>Writes a range as object keys do: <c>"00000100-50"</c>.</summary>
internal sealed class SampleRangeConverter : JsonConverter<SampleRange>
{
    public override SampleRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SampleRange.TryParseKey(reader.GetString(), out var range) ? range
            : throw new JsonException("A range is not of the form 00000100-50.");

    public override void Write(Utf8JsonWriter writer, SampleRange value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToKey());
}
