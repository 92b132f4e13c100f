namespace VmDataset.ControlPlane.Auth;

/// <summary>Names of callers, which logs and lists show.</summary>
internal static class CallerName
{
    public const string Rule = "1 to 100 characters, not only spaces and none that control a terminal";

    public static bool IsValid(string text) => text.Length <= 100 && !string.IsNullOrWhiteSpace(text) && !text.Any(IsControl);

    /// <summary>Whether a character steers a terminal, breaks a log's line or reverses the text behind it.</summary>
    public static bool IsControl(char letter) => char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        || letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
