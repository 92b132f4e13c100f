namespace VmDataset.Pipeline.Generators;

/// <summary>Which script of a generator draws its samples.</summary>
internal static class EntryScripts
{
    // Where authors put it who do not keep to the template, the likeliest place first.
    private static readonly string[] Named = ["generate.py", "scripts/generate.py", "src/generate.py", "main.py", "src/main.py"];
    private static readonly string[] Folders = ["examples", "scripts"];

    /// <summary><see cref="GeneratorCatalog.EntryScript"/> wherever it is; else the first script, in one fixed order, that itself takes a
    /// number of samples and an output folder.</summary>
    /// <returns>Its path below the folder with <c>/</c>, and its text; null when there is none.</returns>
    public static (string Path, string Source)? Find(string folder)
    {
        if (Read(folder, GeneratorCatalog.EntryScript) is { } usual) return (GeneratorCatalog.EntryScript, usual);
        foreach (var path in Named.Concat(Folders.SelectMany(inner => ScriptsIn(folder, inner))))
        {
            if (Read(folder, path) is { } source && TakesOrders(GeneratorSource.Flags(source))) return (path, source);
        }

        return null;
    }

    private static bool TakesOrders(IReadOnlyList<string> flags) =>
        flags.Contains("--num-samples") && (flags.Contains("--output") || flags.Contains("--output-dir"));

    private static IEnumerable<string> ScriptsIn(string folder, string inner)
    {
        var path = Path.Combine(folder, inner);
        return !Directory.Exists(path) ? []
            : Directory.EnumerateFiles(path, "*.py").Select(file => $"{inner}/{Path.GetFileName(file)}").Order(StringComparer.Ordinal);
    }

    // A link may lead out of the folder, and the lane's copy then has no such file.
    private static string? Read(string folder, string path) =>
        new FileInfo(Path.Combine(folder, path)) is { Exists: true, LinkTarget: null } file ? File.ReadAllText(file.FullName) : null;
}
