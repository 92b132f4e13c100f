namespace VmDataset.Pipeline.Json;

/// <summary>Reads the fields of a JSON object that anybody may have written, and collects everything wrong with them.</summary>
public sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _repeated = new(StringComparer.Ordinal);
    private readonly List<ValidationError> _errors = [];
    private readonly bool _hasUnreadableName;

    /// <param name="root">A JSON object. Of a repeated field the last value counts.</param>
    public JsonFields(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (NameOf(property) is not { } name) _hasUnreadableName = true;
            else if (!_values.TryAdd(name, property.Value))
            {
                _values[name] = property.Value;
                _repeated.Add(name);
            }
        }
    }

    /// <summary>Everything found wrong so far.</summary>
    public IReadOnlyList<ValidationError> Errors => _errors;

    /// <param name="message">A sentence that names the field, what was there and what is allowed.</param>
    public void Refuse(string field, string message) => _errors.Add(new ValidationError(field, message));

    /// <summary>For objects that may hold nothing but known fields, each once.</summary>
    public void RefuseUnknownAndRepeated(IReadOnlyCollection<string> known)
    {
        foreach (var name in _values.Keys.Where(name => !known.Contains(name)))
            Refuse(name, $"{Shorten(name)} is not a field; allowed: {string.Join(", ", known)}.");
        foreach (var name in _repeated) Refuse(name, $"{Shorten(name)} is there more than once; allowed: once.");
        if (_hasUnreadableName) Refuse("body", $"A field's name is not Unicode text; allowed: {string.Join(", ", known)}.");
    }

    /// <summary>An integer; null when it is absent or, with an error noted, wrong.</summary>
    public int? WholeNumber(string name, bool required, int min, int max)
    {
        var rule = string.Create(CultureInfo.InvariantCulture, $"an integer from {min:N0} to {max:N0}");
        if (Find(name, required, rule) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        Refuse(name, $"{name} is {Describe(value)}; allowed: {rule}.");
        return null;
    }

    /// <summary>An integer that need not fit into 32 bits; null when it is absent or, with an error noted, wrong.</summary>
    public long? LargeWholeNumber(string name, long min, long max)
    {
        var rule = string.Create(CultureInfo.InvariantCulture, $"an integer from {min:N0} to {max:N0}");
        if (Find(name, required: false, rule) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        Refuse(name, $"{name} is {Describe(value)}; allowed: {rule}.");
        return null;
    }

    /// <summary>A number; null when it is absent or, with an error noted, wrong.</summary>
    public double? Number(string name, double min, double max)
    {
        var rule = string.Create(CultureInfo.InvariantCulture, $"a number from {min:N0} to {max:N0}");
        if (Find(name, required: false, rule) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max)
            return number;
        Refuse(name, $"{name} is {Describe(value)}; allowed: {rule}.");
        return null;
    }

    /// <summary>True or false; null when it is absent or, with an error noted, wrong.</summary>
    public bool? Flag(string name)
    {
        if (Find(name, required: false, "true or false") is not { } value) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Refuse(name, $"{name} is {Describe(value)}; allowed: true or false.");
        return null;
    }

    /// <summary>A text; null when it is absent or, with an error noted, wrong.</summary>
    public string? Text(string name, bool required, Func<string, bool> isValid, string rule)
    {
        if (Find(name, required, rule) is not { } value) return null;
        if (TextOf(value) is { } text && isValid(text)) return text;
        Refuse(name, $"{name} is {Describe(value)}; allowed: {rule}.");
        return null;
    }

    /// <summary>A field's value. Null is the same as absent, which is an error where the field is required.</summary>
    public JsonElement? Find(string name, bool required, string rule)
    {
        var found = _values.TryGetValue(name, out var value);
        if (found && value.ValueKind != JsonValueKind.Null) return value;
        if (required) Refuse(name, $"{name} is {(found ? "null" : "missing")}; allowed: {rule}.");
        return null;
    }

    /// <summary>The text of a JSON string; null for anything else, half surrogate pairs included.</summary>
    public static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? Unicode(value.GetString) : null;

    /// <summary>A value as <see cref="Describe"/> shows it, an array with its length.</summary>
    public static string DescribeArray(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? $"an array of {value.GetArrayLength()}" : Describe(value);

    /// <summary>A value as an error message shows it: as it was written, shortened.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => Shorten(value.GetRawText()),
    };

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    /// <summary>The name of a property; null for half surrogate pairs.</summary>
    public static string? NameOf(JsonProperty property) => Unicode(() => property.Name);

    private static string? Unicode(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

/// <param name="Field">The field's name, or <c>name[index]</c> for an element of an array.</param>
public sealed record ValidationError(string Field, string Message);
