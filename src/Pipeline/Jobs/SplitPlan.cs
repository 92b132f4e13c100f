using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Jobs;

/// <summary>
/// The splits of a dataset and their shares. The split of a sample follows from its fingerprint alone: equal samples have the same one, and
/// neither further samples nor another batch size move any.
/// </summary>
[JsonConverter(typeof(SplitPlanConverter))]
public sealed partial class SplitPlan
{
    public const int MaxSplits = 10;
    public const int MaxNameLength = 40;

    /// <summary>The most that the shares' sum may differ from 1.</summary>
    public const double Tolerance = 1e-6;

    public const string NamePattern = "^[A-Za-z][A-Za-z0-9_]{0,39}$";

    public static readonly string NameRule = string.Create(CultureInfo.InvariantCulture,
        $"1 to {MaxNameLength} ASCII letters, digits and underscores, the first a letter, other than \"all\"");

    public static readonly string Rule = string.Create(CultureInfo.InvariantCulture,
        $"an object of 1 to {MaxSplits} splits with their shares, which sum to 1, such as {{\"train\": 0.9, \"test\": 0.1}}");

    // Laid end to end in the order of their names, as the fields of a JSON object have no order.
    private readonly (string Name, double End)[] _ends;

    private SplitPlan(IReadOnlyList<SplitShare> shares)
    {
        Shares = shares;
        var end = 0.0;
        _ends = [.. shares.OrderBy(static each => each.Name, StringComparer.Ordinal).Select(each => (each.Name, end += each.Share))];
    }

    /// <summary>In the order of the request.</summary>
    public IReadOnlyList<SplitShare> Shares { get; }

    /// <summary>One split that has every sample.</summary>
    public static SplitPlan Only(string name) => new([new SplitShare(name, 1)]);

    /// <summary>The split of a sample.</summary>
    /// <param name="fingerprint">See <see cref="SampleRecord.Fingerprint"/>: its first 16 digits, as a fraction of 2^64, fall into a
    /// share.</param>
    public string Of(string fingerprint)
    {
        var digits = ulong.Parse(fingerprint.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var place = digits / 18_446_744_073_709_551_616.0;
        foreach (var (name, end) in _ends.AsSpan(0, _ends.Length - 1))
            if (place < end) return name;
        // The shares' sum may be a little less than 1.
        return _ends[^1].Name;
    }

    public static bool IsName(string name) => Name().IsMatch(name) && !name.Equals("all", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an object of names and shares.</summary>
    /// <param name="field">The name of the field, for the errors.</param>
    /// <param name="value">Its value.</param>
    /// <param name="refuse">Gets the field and the message of everything that is wrong.</param>
    /// <returns>Null if something is wrong.</returns>
    public static SplitPlan? Read(string field, JsonElement value, Action<string, string> refuse)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() is 0 or > MaxSplits)
        {
            var was = value.ValueKind == JsonValueKind.Object ? $"an object of {value.GetPropertyCount()}" : JsonFields.Describe(value);
            refuse(field, $"{field} is {was}; allowed: {Rule}.");
            return null;
        }

        var errors = 0;
        List<SplitShare> shares = [];
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonFields.NameOf(property);
            if (name is null || !IsName(name))
                Refuse(field, $"{field} has the name {JsonSerializer.Serialize(name?[..Math.Min(name.Length, 100)])}; allowed: {NameRule}.");
            // Names show in those of files, and not every file system tells letters by their case.
            else if (shares.Exists(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                Refuse($"{field}.{name}", $"{field}.{name} is there more than once, perhaps in other letters; allowed: once.");
            else if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetDouble(out var share)
                || share is not (> 0 and <= 1))
                Refuse($"{field}.{name}",
                    $"{field}.{name} is {JsonFields.Describe(property.Value)}; allowed: a number above 0 and up to 1.");
            else shares.Add(new SplitShare(name, share));
        }

        var sum = shares.Sum(static each => each.Share);
        if (errors == 0 && Math.Abs(sum - 1) > Tolerance)
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"The shares of {field} sum to {sum:0.#######}; allowed: {Rule}."));
        return errors == 0 ? new SplitPlan(shares) : null;

        void Refuse(string of, string message)
        {
            errors++;
            refuse(of, message);
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

/// <param name="Share">Above 0, up to 1.</param>
public sealed record SplitShare(string Name, double Share);

internal sealed class SplitPlanConverter : JsonConverter<SplitPlan>
{
    public override SplitPlan? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SplitPlan.Read("splits", JsonElement.ParseValue(ref reader), static (_, message) => throw new JsonException(message));

    public override void Write(Utf8JsonWriter writer, SplitPlan value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, share) in value.Shares) writer.WriteNumber(name, share);
        writer.WriteEndObject();
    }
}
