namespace VmDataset.Pipeline.Generators;

/// <summary>The generators in some folders, read at each call: a repository cloned a moment ago is there.</summary>
/// <param name="folders">Folders of generators, in order of preference; none need exist.</param>
/// <param name="library">The library that generators of all of them may import; null for none.</param>
public sealed class GeneratorCatalog(IEnumerable<string> folders, SharedLibrary? library = null) : IGeneratorCatalog
{
    /// <summary>Where a generator's script is, below its folder; where another is taken, see <see cref="EntryScripts"/>.</summary>
    public const string EntryScript = "examples/generate.py";

    private const string Shadowing =
        "A later folder of GENERATORS_DIR has a generator of this name too, which is not used; allowed: one folder for each name.";

    private readonly ConcurrentDictionary<string, (string Stamp, GeneratorInfo Info)> _known = new(StringComparer.Ordinal);

    public GeneratorCatalog(string folder)
        : this([folder])
    {
    }

    /// <summary>Absolute paths, each once.</summary>
    public IReadOnlyList<string> Folders { get; } =
        [.. folders.Select(static folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct()];

    /// <summary>Every folder whose name does not begin with <c>.</c>, or with <c>_</c> for shared code; in ordinal order of name. Of
    /// folders with one name, that of the first folder of generators.</summary>
    public IReadOnlyList<GeneratorInfo> List() =>
        [.. Folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
            .GroupBy(static folder => Path.GetFileName(folder), StringComparer.Ordinal)
            .Where(static named => named.Key[0] is not ('.' or '_'))
            .OrderBy(static named => named.Key, StringComparer.Ordinal)
            .Select(static named => named.ToList())
            .Select(named => Describe(named[0], isShadowing: named.Count > 1))];

    /// <summary>Null when there is no such folder, or the name is not a generator's name.</summary>
    public GeneratorInfo? Find(string name)
    {
        if (!GeneratorName.IsValid(name)) return null;
        var found = Folders.Select(folder => Path.Combine(folder, name)).Where(Directory.Exists).ToList();
        return found.Count == 0 ? null : Describe(found[0], isShadowing: found.Count > 1);
    }

    private GeneratorInfo Describe(string folder, bool isShadowing)
    {
        var warning = isShadowing ? Shadowing : null;
        try
        {
            var files = SourceFiles.Of(folder);
            var shared = SharedFolders(folder).SelectMany(SourceFiles.Of).ToList();
            var stamp = SourceFiles.Stamp(files.Concat(shared));
            if (!_known.TryGetValue(folder, out var known) || known.Stamp != stamp)
                _known[folder] = known = (stamp, Read(folder, files, shared));
            // A commit changes nothing but what lies in .git.
            var (commit, repository) = GitClone.Read(folder);
            return known.Info with { Commit = commit, Repository = repository, Warning = warning };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new GeneratorInfo
            {
                Name = Path.GetFileName(folder),
                Folder = folder,
                Version = "",
                Problem = $"The folder cannot be read: {exception.Message}",
                Warning = warning,
            };
        }
    }

    private static IEnumerable<string> SharedFolders(string folder) =>
        Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!, "_*").Order(StringComparer.Ordinal);

    private GeneratorInfo Read(string folder, List<FileInfo> files, List<FileInfo> shared)
    {
        var name = Path.GetFileName(folder);
        var imported = library?.IsImportedBy(files) == true ? library : null;
        var (entry, source) = EntryScripts.Find(folder) is { } found ? found : (EntryScript, null);
        var flags = source is null ? [] : GeneratorSource.Flags(source);
        var lent = imported?.FilesBeside(folder) ?? [];
        if (source is not null && !flags.Contains("--num-samples"))
        {
            // The entry leaves its command line to another module: the generator's own or a shared one.
            flags = [.. files.Concat(shared).Concat(lent).Where(static file => file.Extension == ".py")
                .SelectMany(static file => GeneratorSource.Flags(File.ReadAllText(file.FullName))).Distinct()];
        }

        return new GeneratorInfo
        {
            Name = name,
            Folder = folder,
            Library = imported?.Folder,
            Entry = entry,
            Problem = FindProblem(name, entry, source, flags),
            Description = GeneratorSource.Description(folder),
            Category = GeneratorSource.Category(folder),
            Domain = GeneratorSource.Domain(files),
            Flags = flags,
            Version = SourceFiles.Hash(
                [(folder, files), (Path.GetDirectoryName(folder)!, shared), .. imported is null ? [] : new[] { (imported.Root, lent) }]),
        };
    }

    private static string? FindProblem(string name, string entry, string? source, IReadOnlyList<string> flags)
    {
        if (!GeneratorName.IsValid(name)) return $"The folder's name is not a generator's name; allowed: {GeneratorName.Rule}.";
        if (source is null) return $"It has no {EntryScript}.";
        List<string> missing = [.. new[] { "--num-samples", "--seed" }.Where(flag => !flags.Contains(flag))];
        if (!flags.Contains("--output") && !flags.Contains("--output-dir")) missing.Add("--output or --output-dir");
        return missing.Count == 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"{entry} does not take {string.Join(", ", missing)}.");
    }
}
