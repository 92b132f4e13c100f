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

    public static string? Description(string folder)
    {
        var readme = Path.Combine(folder, "README.md");
        if (!File.Exists(readme)) return null;
        List<string> paragraph = [];
        foreach (var line in File.ReadLines(readme).Take(100).Select(static line => line.Trim()))
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

    [GeneratedRegex("""add_argument\(\s*(?:["']-\w["']\s*,\s*)?["'](--[A-Za-z][\w-]*)["']""", RegexOptions.CultureInvariant)]
    private static partial Regex Argument();

    [GeneratedRegex("""^\s*(?:domain|DOMAIN)\s*(?::\s*\w+\s*)?=\s*(?:Field\(\s*(?:default\s*=\s*)?)?["']([A-Za-z0-9_-]+)["']""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex DomainDeclaration();
}
