using Microsoft.Win32.SafeHandles;

namespace VmDataset.Pipeline.Local;

/// <summary>Makes a name in a folder survive a power cut, for which .NET has no call.</summary>
internal static partial class DiskFlush
{
    private const int NotSupported = 22; // EINVAL: a file system that cannot flush folders.

    /// <summary>Flushes the names in a folder, where folders can be flushed; Windows logs them itself.</summary>
    /// <exception cref="IOException">The disk is broken or full.</exception>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = UnixFile.Open(path);
        // Another writer has removed it since, and with it the names that were to survive.
        if (folder.IsInvalid) return;
        if (fsync(folder) != 0 && Marshal.GetLastPInvokeError() is var error and not NotSupported)
            throw new IOException($"The folder '{path}' could not be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Makes a folder and those above it that are missing; the answer is the folders that got a new name in them.</summary>
    public static IReadOnlyList<string> Make(string path)
    {
        List<string> changed = [];
        for (var missing = path; missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
            if (Path.GetDirectoryName(missing) is { } parent) changed.Add(parent);
        if (changed.Count > 0) Directory.CreateDirectory(path);
        return changed;
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(SafeFileHandle fd);
}
