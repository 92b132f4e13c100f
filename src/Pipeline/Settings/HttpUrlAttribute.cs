namespace VmDataset.Pipeline.Settings;

/// <summary>An absolute http or https address.</summary>
public sealed class HttpUrlAttribute : SettingAttribute
{
    /// <summary>Whether http is for this machine alone.</summary>
    public bool Secure { get; set; }

    /// <summary>Null where the text is no such address.</summary>
    public static Uri? Parse(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    protected override bool IsAllowed(object value, ValidationContext context) =>
        Parse(value is Uri address ? address.OriginalString : (string)value) is { } url
        && (!Secure || url.Scheme == "https" || url.IsLoopback);
}
