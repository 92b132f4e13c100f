namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>A page of the jobs that fit.</summary>
internal sealed class JobQuery : PageQuery
{
    private const string TimeRule = "a time such as 2026-11-28T12:00:00Z";

    public static readonly IReadOnlyList<string> States = [.. Enum.GetNames<JobState>().Select(static name => name.ToLowerInvariant())];

    private DateTimeOffset? _since, _until;

    [FromQuery(Name = "state"), Description("Only jobs in this state."),
        AllowedValues("submitting", "running", "paused", "succeeded", "failed", "cancelled", "unreadable")]
    public string? State { get; init; }

    [FromQuery(Name = "tag"), Description("Only jobs with this tag.")]
    public string? Tag { get; init; }

    [FromQuery(Name = "generator"), Description("Only jobs with this generator.")]
    public string? Generator { get; init; }

    [FromQuery(Name = "created_by"), Description("Only jobs of this submitter, as created_by shows it.")]
    public string? CreatedBy { get; init; }

    [FromQuery(Name = "since"), Description("Only jobs submitted at this time (RFC 3339) or later.")]
    public string? Since { get; init; }

    [FromQuery(Name = "until"), Description("Only jobs submitted before this time (RFC 3339).")]
    public string? Until { get; init; }

    public JobFilter Filter => new(Tag, Generator, CreatedBy, _since, _until,
        Enum.TryParse<JobState>(State, ignoreCase: true, out var state) ? state : null);

    public override void Read(List<ValidationError> errors)
    {
        base.Read(errors);
        ParameterText.OneOf("state", State, States, errors);
        if (Tag is not null && !LabelReader.IsTag(Tag)) errors.Add(new("tag", $"tag is '{Tag}'; allowed: {LabelReader.TagRule}."));
        if (Generator is not null && !GeneratorName.IsValid(Generator))
            errors.Add(new("generator", $"generator is '{Generator}'; allowed: {GeneratorName.Rule}."));
        _since = Time("since", Since, errors);
        _until = Time("until", Until, errors);
    }

    protected override bool IsCursor(string text) => JobReader.IsCursor(text);

    private static DateTimeOffset? Time(string name, string? text, List<ValidationError> errors)
    {
        if (text is null) return null;
        // The plus of a time zone that was not escaped arrives as a blank.
        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(
            text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        errors.Add(new ValidationError(name, $"{name} is '{text}'; allowed: {TimeRule}."));
        return null;
    }
}
