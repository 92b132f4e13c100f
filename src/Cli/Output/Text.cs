namespace VmDataset.Cli.Output;

/// <summary>Text of others, such as prompts, errors and names, which must not steer the terminal.</summary>
internal static class Text
{
    /// <summary>The text with control characters, and those that turn the direction of writing, as visible escapes.</summary>
    public static string Clean(string text) => text.Any(static letter => letter != '\n' && MustEscape(letter)) ? Escape(text) : text;

    /// <summary>As <see cref="Clean"/>, on one line.</summary>
    public static string Line(string text) => Clean(text.ReplaceLineEndings(" ").Trim());

    /// <summary>The first letters of a line.</summary>
    public static string Start(string text, int letters)
    {
        var line = Line(text);
        return line.Length <= letters ? line : $"{line[..(letters - 1)]}…";
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var letter in text.ReplaceLineEndings("\n"))
        {
            if (letter == '\n' || !MustEscape(letter)) escaped.Append(letter);
            else if (letter == '\t') escaped.Append("    ");
            else escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        }

        return escaped.ToString();
    }

    private static bool MustEscape(char letter) => char.IsControl(letter)
        || letter is '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';
}
