using System.Diagnostics.CodeAnalysis;
using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Parameters;

/// <summary>
/// The parameters of a generator in a job, in one canonical form: equal parameters are equal texts, whatever their order and spelling were.
/// A sample depends on them as it depends on its seed.
/// </summary>
[JsonConverter(typeof(ParameterSetConverter))]
public sealed record ParameterSet
{
    /// <summary>Bytes of the canonical form.</summary>
    public const int MaxBytes = 4096;

    public static readonly string Rule = string.Create(CultureInfo.InvariantCulture, $"a JSON object of at most {MaxBytes:N0} bytes");

    private ParameterSet(string json) => Json = json;

    /// <summary>The canonical JSON object: names in ordinal order, no spaces, numbers in one spelling.</summary>
    public string Json { get; }

    /// <summary>16 hex digits of its SHA-256.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json)))[..16];

    public IEnumerable<JsonProperty> Values => ToElement().EnumerateObject();

    public JsonElement ToElement() => JsonElement.Parse(Json);

    /// <param name="value">Anything.</param>
    /// <param name="set">The parameters; null for an empty object, which sets nothing.</param>
    /// <param name="problem">What is wrong, as the end of a sentence: "is …; allowed: …."</param>
    public static bool TryRead(JsonElement value, out ParameterSet? set, [NotNullWhen(false)] out string? problem)
    {
        (set, problem) = (null, null);
        if (value.ValueKind != JsonValueKind.Object)
        {
            problem = $"is {JsonFields.Describe(value)}; allowed: {Rule}.";
            return false;
        }

        if (CanonicalJson.TryWrite(value) is not { } json)
        {
            problem = $"holds a name twice, a text that is not Unicode or has the character 0, or a number beyond all bounds; allowed: {Rule}.";
            return false;
        }

        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes > MaxBytes)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"has {bytes:N0} bytes; allowed: {Rule}.");
            return false;
        }

        if (json != "{}") set = new ParameterSet(json);
        return true;
    }
}

internal sealed class ParameterSetConverter : JsonConverter<ParameterSet>
{
    public override ParameterSet? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ParameterSet.TryRead(JsonElement.ParseValue(ref reader), out var set, out var problem) ? set
            : throw new JsonException($"The parameters' value {problem}");

    public override void Write(Utf8JsonWriter writer, ParameterSet value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json);
}
