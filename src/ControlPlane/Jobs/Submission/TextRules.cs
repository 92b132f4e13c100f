namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Rules for texts that people write and pages show.</summary>
internal static class TextRules
{
    public const int MaxLine = 200;

    public const string LineRule = "a line of 1 to 200 characters";

    public static bool IsLine(string text) => text.Trim().Length is > 0 && text.Length <= MaxLine && !text.Any(static letter =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029');

    public static bool IsText(string text, int most) => text.Trim().Length > 0 && text.Length <= most
        && !text.Any(static letter => char.IsControl(letter) && letter is not ('\n' or '\t'));
}
