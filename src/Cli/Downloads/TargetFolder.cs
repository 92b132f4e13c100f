namespace VmDataset.Cli.Downloads;

/// <summary>The folder that becomes the dataset.</summary>
internal sealed class TargetFolder(string folder)
{
    // What is half there lies apart: beside a file its name might be another file's.
    private const string Parts = ".parts";
    private const string Exports = "exports";

    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    public string Name => folder;

    /// <exception cref="DownloadException">The path is none of a file in the folder.</exception>
    public string PathOf(string path)
    {
        var names = path.Split('/');
        if (path.StartsWith('/') || names.Contains("..", StringComparer.Ordinal)) throw new DownloadException("this path leads out of the folder");
        if (names.Any(static name => name is "" or ".") || names[0] == Parts || path.Contains('\0', StringComparison.Ordinal)
            || (OperatingSystem.IsWindows() && path.AsSpan().IndexOfAny('\\', ':') >= 0))
            throw new DownloadException("this is no path of a file");
        return Path.Combine(folder, path);
    }

    public string PartOf(string path) =>
        Path.Combine(folder, Parts, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path))));

    public void Create() => Directory.CreateDirectory(Path.Combine(folder, Parts));

    /// <summary>Number of files in the folder, without exports and what a dot hides.</summary>
    public long CountFiles() => new DirectoryInfo(folder).EnumerateFileSystemInfos()
        .Where(static each => each.Name != Exports && !each.Name.StartsWith('.'))
        .Sum(static each => each is DirectoryInfo inner ? inner.EnumerateFiles("*", Below).LongCount() : 1);

    /// <summary>Removes the folder of what is half there, unless something is left in it.</summary>
    public void TidyUp()
    {
        try
        {
            Directory.Delete(Path.Combine(folder, Parts));
        }
        catch (IOException)
        {
            // Something half fetched is left.
        }
    }

    /// <summary>The SHA-256 of a file, lower case.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
