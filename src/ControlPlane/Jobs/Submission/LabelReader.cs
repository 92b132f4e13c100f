namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads what a job says for the people who look at it: its name, its tags and notes. Nothing else depends on them.</summary>
internal static partial class LabelReader
{
    public const string Name = "name";
    public const string Tags = "tags";
    public const string Notes = "notes";

    public const int MaxTags = 16;

    public const string TagRule = "1 to 64 ASCII letters, digits, '.', '_', ':', '/', '=' and '-', the first of them a letter or digit";

    public const int MaxNotes = 4_000;

    private static readonly string TagsRule = $"an array of 1 to {MaxTags} tags, each once; a tag has {TagRule}";

    public static bool IsTag(string text) => Tag().IsMatch(text);

    public static string? ReadName(JsonFields fields) => fields.Text(Name, required: false, TextRules.IsLine, TextRules.LineRule);

    public static string? ReadNotes(JsonFields fields) => fields.Text(
        Notes, required: false, static text => TextRules.IsText(text, MaxNotes),
        "a text of 1 to 4,000 characters, without control characters but line ends and tabs");

    /// <returns>Null if there are none or, with errors noted, they are wrong.</returns>
    public static IReadOnlyList<string>? ReadTags(JsonFields fields)
    {
        if (fields.Find(Tags, required: false, TagsRule) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxTags)
        {
            fields.Refuse(Tags, $"{Tags} is {JsonFields.DescribeArray(value)}; allowed: {TagsRule}.");
            return null;
        }

        List<string> tags = [];
        foreach (var (at, element) in value.EnumerateArray().Index())
        {
            if (JsonFields.TextOf(element) is { } tag && IsTag(tag) && !tags.Contains(tag)) tags.Add(tag);
            else fields.Refuse($"{Tags}[{at}]", $"{Tags}[{at}] is {JsonFields.Describe(element)}; allowed: {TagRule}, each tag once.");
        }

        return tags;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/=-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
