using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads the field <c>about</c> of a job.</summary>
internal static partial class AboutReader
{
    public const string Field = "about";

    private const int MaxText = 4_000;
    private const string Rule = "an object with one or more of title, license, url, creator, date_published, version, cite_as";

    private static readonly string[] Known = ["title", "license", "url", "creator", "date_published", "version", "cite_as"];

    public static void Describe(OpenApiSchema request) => ((OpenApiSchema)request.Properties![Field]).Description =
        "What the dataset's card and its Croissant description say of it: any of its fields.";

    /// <returns>Null if it is not there or, with errors noted, is wrong.</returns>
    public static DatasetAbout? Read(JsonFields fields)
    {
        if (fields.Find(Field, required: false, Rule) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() == 0)
        {
            var was = value.ValueKind == JsonValueKind.Object ? "an object without fields" : JsonFields.Describe(value);
            fields.Refuse(Field, $"{Field} is {was}; allowed: {Rule}.");
            return null;
        }

        var own = new JsonFields(value);
        own.RefuseUnknownAndRepeated(Known);
        var about = new DatasetAbout
        {
            Title = own.Text("title", required: false, TextRules.IsLine, TextRules.LineRule),
            License = own.Text("license", required: false, static text => License().IsMatch(text),
                "an SPDX identifier, such as CC-BY-4.0: 1 to 64 letters, digits, '.', '+' and '-'"),
            Url = own.Text("url", required: false, IsUrl, "an http or https address of up to 200 characters"),
            Creator = own.Text("creator", required: false, TextRules.IsLine, TextRules.LineRule),
            DatePublished = own.Text("date_published", required: false, static text => DateOnly.TryParseExact(text, "yyyy-MM-dd",
                CultureInfo.InvariantCulture, DateTimeStyles.None, out _), "a day as yyyy-MM-dd"),
            Version = own.Text("version", required: false, TextRules.IsLine, TextRules.LineRule),
            CiteAs = own.Text("cite_as", required: false, static text => TextRules.IsText(text, MaxText) && !text.Contains("```"),
                "a text of 1 to 4,000 characters, without control characters but line ends and tabs, and without ```"),
        };
        foreach (var error in own.Errors) fields.Refuse($"{Field}.{error.Field}", $"{Field}.{error.Message}");
        return own.Errors.Count == 0 ? about : null;
    }

    private static bool IsUrl(string text) => text.Length <= TextRules.MaxLine && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && !text.Any(static letter => letter is <= ' ' or '"' or '<' or '>' or '\\' or '`');

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex License();
}
