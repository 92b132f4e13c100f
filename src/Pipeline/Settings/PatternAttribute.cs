namespace VmDataset.Pipeline.Settings;

/// <summary>A text of a form.</summary>
/// <param name="pattern">A regular expression of the whole text.</param>
public sealed class PatternAttribute(string pattern) : SettingAttribute
{
    public string Pattern => pattern;

    /// <summary>Whether an error hides the text, which may be a secret, and says instead that it is not this.</summary>
    public string? Hidden { get; set; }

    protected override bool IsAllowed(object value, ValidationContext context) =>
        Regex.IsMatch((string)value, $@"^(?:{pattern})\z", RegexOptions.CultureInvariant);

    public override string ErrorText(string name, string? text, Type type) =>
        Hidden is null ? base.ErrorText(name, text, type) : $"{name} is no {Hidden}; allowed: {Allowed}.";
}
