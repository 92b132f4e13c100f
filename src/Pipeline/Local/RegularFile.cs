namespace VmDataset.Pipeline.Local;

/// <summary>Opens regular files only. Opening a FIFO, which another program may leave in the store, would wait for its writer for
/// ever.</summary>
internal static class RegularFile
{
    // ENOENT, ENXIO (a socket) and ENOTDIR.
    private static readonly int[] NothingThere = [2, 6, 20];
    private const int AccessDenied = 13; // EACCES

    /// <returns>Null for anything but a regular file, and where there is nothing.</returns>
    /// <exception cref="IOException">The disk is broken.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static FileStream? TryOpen(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete) : null;
        var file = UnixFile.Open(path);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            if (Array.IndexOf(NothingThere, error) >= 0) return null;
            var message = $"'{path}' cannot be read: {Marshal.GetPInvokeErrorMessage(error)}";
            throw error == AccessDenied ? new UnauthorizedAccessException(message) : new IOException(message, error);
        }

        if (!File.GetAttributes(file).HasFlag(FileAttributes.Directory))
        {
            var stream = new FileStream(file, FileAccess.Read, 64 * 1024);
            if (stream.CanSeek) return stream;
        }

        file.Dispose();
        return null;
    }
}
