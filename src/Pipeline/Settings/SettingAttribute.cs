namespace VmDataset.Pipeline.Settings;

/// <summary>Marks a property of options that a user sets, and says which values are allowed; <see cref="SettingsBinder"/> checks it. Texts,
/// flags, choices and lists need no more than this class; the derived ones restrict their values.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class SettingAttribute(string? allowed = null) : ValidationAttribute
{
    /// <summary>The name in the environment, as <c>AWS_REGION</c>; null derives it from the property's.</summary>
    public string? Name { get; set; }

    /// <summary>The name of a setting that stands in for an absent one.</summary>
    public string? Fallback { get; set; }

    /// <summary>The allowed values, as an error lists them; null for those of the property's type.</summary>
    public string? Allowed { get; set; } = allowed;

    public bool Required { get; set; }

    /// <summary>The name that users and documents know.</summary>
    public string NameFor(string property) => Name ?? JsonNamingPolicy.SnakeCaseUpper.ConvertName(property);

    /// <summary>Null where the text has not the form of a value of that type.</summary>
    public virtual object? Convert(string text, Type type) => SettingConverter.Convert(text, type);

    /// <summary>Whether a text counts as no setting at all.</summary>
    public virtual bool IsUnset(string text, Type type) => text.Length == 0 && !type.IsValueType;

    protected virtual bool IsAllowed(object value, ValidationContext context) => true;

    public virtual string ErrorText(string name, string? text, Type type) =>
        $"{name} is {(text is null ? "not set" : $"'{text}'")}; allowed: {Allowed ?? SettingConverter.Allowed(type)}.";

    // No member names: their property's name would stand before the message.
    protected sealed override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is null or "" ? !Required : IsAllowed(value, validationContext)) return ValidationResult.Success;
        var text = value switch
        {
            null or "" => null,
            Uri address => address.OriginalString,
            IEnumerable<string> list => string.Join(Path.PathSeparator, list),
            TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            _ => System.Convert.ToString(value, CultureInfo.InvariantCulture),
        };
        return new ValidationResult(ErrorText(NameFor(validationContext.MemberName!), text, value?.GetType() ?? typeof(string)));
    }
}
