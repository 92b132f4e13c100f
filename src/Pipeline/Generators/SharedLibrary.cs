namespace VmDataset.Pipeline.Generators;

/// <summary>A folder of Python modules that generators of any folder may import. At run time it lies beside those that do, as if it were a
/// shared folder of theirs.</summary>
public sealed class SharedLibrary
{
    private readonly Regex _import;
    private readonly IReadOnlyList<FileInfo> _files;

    private SharedLibrary(string folder, IEnumerable<string> modules)
    {
        Folder = folder;
        _files = SourceFiles.Of(folder);
        _import = new Regex($@"^[ \t]*(?:from|import)[ \t]+(?:{string.Join('|', modules.Select(Regex.Escape))})\b",
            RegexOptions.Multiline | RegexOptions.CultureInvariant);
    }

    /// <summary>Absolute path; its name begins with <c>_</c>.</summary>
    public string Folder { get; }

    internal string Root => Path.GetDirectoryName(Folder)!;

    /// <summary>The library that was built with the program; null if there is none beside it.</summary>
    public static SharedLibrary? OfProgram() => Find(Path.Combine(AppContext.BaseDirectory, "_shared"));

    /// <summary>Null if the folder has no packages.</summary>
    public static SharedLibrary? Find(string folder)
    {
        var path = Path.GetFullPath(folder);
        var packages = !Directory.Exists(path) ? [] : Directory.EnumerateDirectories(path)
            .Where(static package => File.Exists(Path.Combine(package, "__init__.py")))
            .Select(static package => Path.GetFileName(package)).ToList();
        return packages.Count == 0 ? null : new SharedLibrary(path, packages);
    }

    /// <summary>Whether a statement of the source imports one of its packages.</summary>
    internal bool IsImportedBy(IEnumerable<FileInfo> files) =>
        files.Any(file => file.Extension == ".py" && _import.IsMatch(File.ReadAllText(file.FullName)));

    /// <summary>Its files, but for packages that a shared folder beside the generator has itself: those go first.</summary>
    internal List<FileInfo> FilesBeside(string generator)
    {
        var beside = Path.Combine(Path.GetDirectoryName(generator)!, Path.GetFileName(Folder));
        return [.. _files.Where(file => !Path.Exists(Path.Combine(beside,
            Path.GetRelativePath(Folder, file.FullName).Split(Path.DirectorySeparatorChar)[0])))];
    }
}
