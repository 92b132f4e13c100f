namespace VmDataset.Pipeline.Generators;

/// <summary>The generators in a directory. Reads it anew at each call, so a repository cloned a moment ago is there.</summary>
/// <param name="root">The generators directory; it need not exist.</param>
public sealed class GeneratorCatalog(string root) : IGeneratorCatalog
{
    /// <summary>Where a generator's script is, below its folder; where another is taken, see <see cref="EntryScripts"/>.</summary>
    public const string EntryScript = "examples/generate.py";

    private readonly ConcurrentDictionary<string, (string Stamp, GeneratorInfo Info)> _known = new(StringComparer.Ordinal);

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>
    /// Every folder but those beginning with <c>.</c>, and <c>_</c>, which hold what generators share; in ordinal order of name.
    /// </summary>
    public IReadOnlyList<GeneratorInfo> List()
    {
        if (!Directory.Exists(Root)) return [];
        return [.. Directory.EnumerateDirectories(Root)
            .Select(static folder => Path.GetFileName(folder))
            .Where(static name => name[0] is not ('.' or '_'))
            .Order(StringComparer.Ordinal)
            .Select(Describe)];
    }

    /// <summary>Null when there is no such folder, or the name is not a generator's name.</summary>
    public GeneratorInfo? Find(string name) =>
        GeneratorName.IsValid(name) && Directory.Exists(Path.Combine(Root, name)) ? Describe(name) : null;

    private GeneratorInfo Describe(string name)
    {
        var folder = Path.Combine(Root, name);
        try
        {
            var files = SourceFiles.Of(folder);
            var shared = SharedFolders().SelectMany(SourceFiles.Of).ToList();
            var stamp = SourceFiles.Stamp(files.Concat(shared));
            if (!_known.TryGetValue(name, out var known) || known.Stamp != stamp)
                _known[name] = known = (stamp, Read(name, folder, files, shared));
            // A commit changes nothing but what lies in .git.
            var (commit, repository) = GitClone.Read(folder);
            return known.Info with { Commit = commit, Repository = repository };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new GeneratorInfo
            {
                Name = name,
                Folder = folder,
                Version = "",
                Problem = $"The folder cannot be read: {exception.Message}"
            };
        }
    }

    private IEnumerable<string> SharedFolders() => Directory.EnumerateDirectories(Root, "_*").Order(StringComparer.Ordinal);

    private static GeneratorInfo Read(string name, string folder, List<FileInfo> files, List<FileInfo> shared)
    {
        var (entry, source) = EntryScripts.Find(folder) is { } found ? found : (EntryScript, null);
        var flags = source is null ? [] : GeneratorSource.Flags(source);
        if (source is not null && !flags.Contains("--num-samples"))
        {
            // The entry leaves its command line to another module: the generator's own or a shared one.
            flags = [.. files.Concat(shared).Where(static file => file.Extension == ".py")
                .SelectMany(static file => GeneratorSource.Flags(File.ReadAllText(file.FullName))).Distinct()];
        }

        return new GeneratorInfo
        {
            Name = name,
            Folder = folder,
            Entry = entry,
            Problem = FindProblem(name, entry, source, flags),
            Description = GeneratorSource.Description(folder),
            Domain = GeneratorSource.Domain(files),
            Flags = flags,
            Version = SourceFiles.Hash([(folder, files), (Path.GetDirectoryName(folder)!, shared)]),
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
