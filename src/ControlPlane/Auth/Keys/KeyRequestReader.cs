namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Reads a <see cref="KeyRequest"/> and reports everything wrong with it at once.</summary>
internal static partial class KeyRequestReader
{
    public const string Example = """{"name": "nightly", "role": "submit"}""";

    private static readonly string[] Known = ["name", "role", "expires_at", "max_open_jobs", "max_open_samples"];

    /// <returns>The request, or null and the errors.</returns>
    public static (KeyRequest? Request, IReadOnlyList<ValidationError> Errors) Read(JsonElement body, DateTimeOffset now)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(Known);
        var name = fields.Text("name", required: true, CallerName.IsValid, CallerName.Rule);
        Role? role = null;
        fields.Text("role", required: true, text => (role = RoleName.Parse(text)) is not null, "\"read\", \"submit\" or \"admin\"");
        DateTimeOffset? end = null;
        fields.Text("expires_at", required: false, text => (end = ReadTime(text)) > now,
            "a time to come with its offset from UTC, such as \"2027-01-01T00:00:00Z\"");
        var jobs = fields.WholeNumber("max_open_jobs", required: false, 0, int.MaxValue);
        var samples = fields.WholeNumber("max_open_samples", required: false, 0, int.MaxValue);
        return fields.Errors.Count > 0 ? (null, fields.Errors)
            : (new KeyRequest { Name = name!, Role = role!.Value, ExpiresAt = end, MaxOpenJobs = jobs, MaxOpenSamples = samples }, []);
    }

    private static DateTimeOffset? ReadTime(string text) =>
        Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToUniversalTime() : null;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();
}
