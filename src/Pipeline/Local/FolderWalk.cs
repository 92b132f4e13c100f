using System.IO.Enumeration;

namespace VmDataset.Pipeline.Local;

/// <summary>Lists the files below a folder in the byte order of their keys: a folder sorts as its name with the slash behind it.</summary>
internal static class FolderWalk
{
    private const FileAttributes Gone = (FileAttributes)(-1);

    private static readonly EnumerationOptions All = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <param name="folder">The folder's path.</param>
    /// <param name="prefix">The key of <paramref name="folder"/>, with a slash at its end.</param>
    /// <param name="startAfter">Only keys behind this one; null for all.</param>
    /// <param name="read"><see cref="Read"/>, with whatever is to happen if it fails.</param>
    public static IEnumerable<(string Key, FolderEntry File)> Files(
        string folder, string prefix, string? startAfter, Func<string, List<FolderEntry>> read)
    {
        var entries = read(folder);
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var entry in entries)
        {
            var key = prefix + entry.Name;
            if (!entry.IsFolder)
            {
                if (startAfter is null || string.CompareOrdinal(key, startAfter) > 0) yield return (key, entry);
                continue;
            }

            // A folder whose every key lies before startAfter is not opened.
            if (startAfter is not null && string.CompareOrdinal(key, startAfter) < 0
                && !startAfter.StartsWith(key, StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var below in Files(Path.Combine(folder, entry.Name), key, startAfter, read)) yield return below;
        }
    }

    /// <summary>The entries of a folder, in any order, without links and what is gone meanwhile. A large job has 200,000 manifests: each
    /// entry costs one call to the system.</summary>
    public static List<FolderEntry> Read(string folder) => [.. new FileSystemEnumerable<FolderEntry>(folder, static (ref entry) =>
        entry.IsDirectory ? new FolderEntry($"{entry.FileName}/", 0, default)
            : new FolderEntry(entry.FileName.ToString(), entry.Length, entry.LastWriteTimeUtc), All)
    {
        ShouldIncludePredicate = static (ref entry) =>
            entry.Attributes != Gone && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    }];
}

/// <param name="Name">A folder's with a slash at its end.</param>
/// <param name="Size">Bytes of a file.</param>
internal readonly record struct FolderEntry(string Name, long Size, DateTimeOffset LastModified)
{
    public bool IsFolder => Name[^1] == '/';
}
