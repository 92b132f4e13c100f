namespace VmDataset.Pipeline.Generators;

/// <summary>What a generator's source says of it, read as text: nothing of it is run.</summary>
internal static partial class GeneratorSource
{
    public static IReadOnlyList<string> Flags(string source) =>
        [.. Argument().Matches(source).Select(static match => match.Groups[1].Value).Distinct()];

    /// <summary>The first <c>domain</c> with a literal value that a source file declares.</summary>
    public static string? Domain(IEnumerable<FileInfo> files) => files
        .Where(static file => file.Extension == ".py")
        .Select(static file => DomainDeclaration().Match(File.ReadAllText(file.FullName)))
        .FirstOrDefault(static match => match.Success)?.Groups[1].Value;

    /// <summary>The value of the row <c>Category</c> in a table of its README, as the template of VBVR-DataFactory has it; null without
    /// such a row.</summary>
    public static string? Category(string folder) => ReadmeLines(folder)
        .Select(static line => CategoryRow().Match(line)).FirstOrDefault(static match => match.Success)?.Groups[1].Value;

    public static string? Description(string folder)
    {
        List<string> paragraph = [];
        foreach (var line in ReadmeLines(folder))
        {
            // Headings, rules, badges and fences are no sentences.
            if (line.Length == 0 || line[0] is '#' or '-' or '!' or '[' or '<' or '`' or '|' or '>')
            {
                if (paragraph.Count > 0) break;
                continue;
            }

            paragraph.Add(line);
        }

        var text = string.Join(' ', paragraph);
        return text.Length switch { 0 => null, <= 500 => text, _ => text[..500] + "…" };
    }

    private static IEnumerable<string> ReadmeLines(string folder) => Path.Combine(folder, "README.md") is var readme && File.Exists(readme)
        ? File.ReadLines(readme).Take(100).Select(static line => line.Trim()) : [];

    [GeneratedRegex(@"^\|\s*\**Category\**\s*\|\s*([A-Za-z][A-Za-z0-9 &/-]{0,39}?)\s*\|", RegexOptions.CultureInvariant)]
    private static partial Regex CategoryRow();

    [GeneratedRegex("""add_argument\(\s*(?:["']-\w["']\s*,\s*)?["'](--[A-Za-z][\w-]*)["']""", RegexOptions.CultureInvariant)]
    private static partial Regex Argument();

    [GeneratedRegex("""^\s*(?:domain|DOMAIN)\s*(?::\s*\w+\s*)?=\s*(?:Field\(\s*(?:default\s*=\s*)?)?["']([A-Za-z0-9_-]+)["']""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex DomainDeclaration();
}
