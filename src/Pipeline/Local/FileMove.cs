using System.Runtime.InteropServices;

namespace VmDataset.Pipeline.Local;

/// <summary>Moves files to names that may be wanted, or whose folders may be removed, by others in the same moment.</summary>
internal static partial class FileMove
{
    private const int Tries = 10;
    private const int Exists = 17; // EEXIST
    private static readonly Lock Gate = new();

    public static void Replace(string from, string to) => InFolder(to, () =>
    {
        File.Move(from, to, overwrite: true);
        return true;
    });

    /// <returns>False when the name was taken; the file is still at its old one then, and may be there too otherwise.</returns>
    public static bool ToFree(string from, string to) => InFolder(to, () => OperatingSystem.IsWindows() ? MoveToFree(from, to) : LinkToFree(from, to));

    private static bool InFolder(string to, Func<bool> move)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                return move();
            }
            catch (IOException) when (attempt < Tries)
            {
                // It was empty and has been removed in this moment, which shows in many ways: made anew.
            }
        }
    }

    // On Unix File.Move looks whether the name is free and then renames: of two at once both may find it so. link(2) fails for one.
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
}
