namespace VmDataset.Pipeline.Local;

/// <summary>Moves files to names that others may take, or whose folders others may remove, at the same moment.</summary>
internal static partial class FileMove
{
    private const int Tries = 10;
    private const int Exists = 17; // EEXIST
    private const int NotThere = 2; // ENOENT
    private static readonly Lock Gate = new();

    /// <summary>Renames a file within a file system, in one step for all readers. The folder of the new name is made if it is missing.
    /// </summary>
    /// <returns>False when that cannot be: between two file systems, or while others remove the folder.</returns>
    public static bool TryRename(string from, string to)
    {
        if (OperatingSystem.IsWindows()) return false;
        if (rename(from, to) == 0) return true;
        if (Marshal.GetLastPInvokeError() != NotThere) return false;
        DiskFlush.Make(Path.GetDirectoryName(to)!);
        return rename(from, to) == 0;
    }

    /// <param name="flush">Whether the name is to survive a power cut once this returns.</param>
    public static void Replace(string from, string to, bool flush) => InFolder(to, flush, () =>
    {
        File.Move(from, to, overwrite: true);
        return true;
    });

    /// <returns>False when the name was taken; the file is still at its old one then, and may be there too otherwise.</returns>
    public static bool ToFree(string from, string to, bool flush) =>
        InFolder(to, flush, () => OperatingSystem.IsWindows() ? MoveToFree(from, to) : LinkToFree(from, to));

    private static bool InFolder(string to, bool flush, Func<bool> move)
    {
        var folder = Path.GetDirectoryName(to)!;
        IReadOnlyList<string> changed;
        bool moved;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                changed = DiskFlush.Make(folder);
                moved = move();
                break;
            }
            catch (IOException exception) when (attempt < Tries && !DiskFull.Is(exception))
            {
                // The folder was empty and has just been removed, which shows in many ways: it is made again.
            }
        }

        if (!flush) return moved;
        // Also where another writer was first: a caller that learns so may rely on the object.
        DiskFlush.Folder(folder);
        foreach (var parent in changed) DiskFlush.Folder(parent);
        return moved;
    }

    // On Unix File.Move checks whether the name is free and then renames, so two concurrent moves may succeed. Of two link(2) one fails.
    private static bool LinkToFree(string from, string to)
    {
        if (link(from, to) == 0) return true;
        if (Marshal.GetLastPInvokeError() == Exists) return false;
        if (!Directory.Exists(Path.GetDirectoryName(to))) throw new DirectoryNotFoundException(to);
        // A file system without links: at least within this process one is first.
        lock (Gate) return MoveToFree(from, to);
    }

    private static bool MoveToFree(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string oldpath, string newpath);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int rename(string oldpath, string newpath);
}
