namespace VmDataset.Pipeline.Generators;

/// <summary>Generator names are names, never paths: they become folder names and parts of object keys.</summary>
public static partial class GeneratorName
{
    public const int MaxLength = 128;

    /// <summary>One letter or digit, then letters, digits, <c>.</c>, <c>_</c> or <c>-</c>.</summary>
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";

    public const string Rule = "1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit";

    public static bool IsValid(string name) => Form().IsMatch(name);

    // \z, not $: a trailing line feed is not part of a name.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
