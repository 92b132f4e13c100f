namespace VmDataset.Worker.Samples;

/// <summary>
/// Every draw is the generator's sample 0, so its metadata names a sample 0: that name, and <c>task_id</c>, become the
/// sample's own. The text is edited in place, since a parse would change numbers and refuse Python's NaN.
/// </summary>
internal static class MetadataName
{
    private const string Key = "\"task_id\"";

    /// <param name="content">Of <c>metadata.json</c>.</param>
    /// <param name="drawn">The name of the folder that the generator wrote.</param>
    /// <param name="name">The sample's own name.</param>
    /// <returns>The new content, or null when there is nothing to change.</returns>
    public static byte[]? Replace(byte[] content, string drawn, string name)
    {
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8);
        var text = reader.ReadToEnd();
        var renamed = ReplaceTaskId(text.Replace($"\"{drawn}\"", $"\"{name}\"", StringComparison.Ordinal), name);
        return renamed == text ? null : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(renamed);
    }

    // The first task_id whose value is a text. Found by one scan: an expression would remember each character of a long text.
    private static string ReplaceTaskId(string text, string name)
    {
        for (var at = 0; (at = text.IndexOf(Key, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var start = SkipSpace(text, at + Key.Length);
            if (start == text.Length || text[start] != ':') continue;
            start = SkipSpace(text, start + 1);
            if (start < text.Length && text[start] == '"' && EndOfText(text, start) is > 0 and var end)
                return string.Concat(text.AsSpan(0, start), $"\"{name}\"", text.AsSpan(end));
        }

        return text;
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        return at;
    }

    /// <returns>The index behind the closing quote, or -1 when there is none.</returns>
    private static int EndOfText(string text, int start)
    {
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] == '"') return at + 1;
            if (text[at] == '\\' && (++at == text.Length || text[at] == '\n')) return -1;
        }

        return -1;
    }
}
