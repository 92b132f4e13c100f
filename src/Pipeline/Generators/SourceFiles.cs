namespace VmDataset.Pipeline.Generators;

/// <summary>The files that make up a generator: all but version control and compiled Python.</summary>
internal static class SourceFiles
{
    public static List<FileInfo> Of(string folder)
    {
        List<FileInfo> files = [];
        Collect(new DirectoryInfo(folder), files);
        return files;
    }

    /// <summary>Changes whenever a file is added, removed or written; much cheaper than <see cref="Hash"/>.</summary>
    public static string Stamp(IEnumerable<FileInfo> files)
    {
        var stamp = new StringBuilder();
        foreach (var file in files)
            stamp.Append(CultureInfo.InvariantCulture, $"{file.FullName}\0{file.Length}\0{file.LastWriteTimeUtc.Ticks}\0");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stamp.ToString())));
    }

    /// <summary>Depends on relative paths and contents alone, so it is the same on every machine.</summary>
    public static string Hash(IEnumerable<(string Root, List<FileInfo> Files)> trees)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (root, files) in trees)
        {
            foreach (var file in files)
            {
                using var content = file.OpenRead();
                hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(root, file.FullName) + "\0"));
                hash.AppendData(SHA256.HashData(content));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void Collect(DirectoryInfo folder, List<FileInfo> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            // A link may lead out of the folder or round in a circle; its target is no part of the generator.
            if (entry.LinkTarget is not null || entry.Name is ".git" or "__pycache__" || entry.Extension == ".pyc") continue;
            if (entry is DirectoryInfo below) Collect(below, files);
            else files.Add((FileInfo)entry);
        }
    }
}
