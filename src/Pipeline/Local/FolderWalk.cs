namespace VmDataset.Pipeline.Local;

/// <summary>Lists the files below a folder in the byte order of their keys: a folder sorts as its name with the slash behind it.</summary>
internal static class FolderWalk
{
    /// <param name="prefix">The key of <paramref name="folder"/>, with a slash at its end.</param>
    /// <param name="startAfter">Only keys behind this one; null for all.</param>
    public static IEnumerable<(string Key, FileInfo File)> Files(
        DirectoryInfo folder, string prefix, string? startAfter, Func<DirectoryInfo, IReadOnlyList<FileSystemInfo>> read)
    {
        List<(string Name, FileSystemInfo Info)> entries =
            [.. read(folder).Select(static info => (info is DirectoryInfo ? info.Name + "/" : info.Name, info))];
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, info) in entries)
        {
            var key = prefix + name;
            if (info is FileInfo file)
            {
                if (startAfter is null || string.CompareOrdinal(key, startAfter) > 0) yield return (key, file);
                continue;
            }

            // A folder whose every key lies before startAfter is not opened.
            if (startAfter is not null && string.CompareOrdinal(key, startAfter) < 0
                && !startAfter.StartsWith(key, StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var below in Files((DirectoryInfo)info, key, startAfter, read)) yield return below;
        }
    }
}
