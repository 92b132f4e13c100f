using Microsoft.Win32.SafeHandles;

namespace VmDataset.Pipeline.Local;

/// <summary>open(2), for what .NET opens not at all (folders) or only by waiting (FIFOs).</summary>
internal static partial class UnixFile
{
    // Linux, x86-64 and arm64: O_NONBLOCK and O_CLOEXEC.
    private static readonly int Flags = OperatingSystem.IsLinux() ? 0x800 | 0x80000 : 0;

    /// <summary>Opens a path for reading, whatever lies there. Where that fails the handle is invalid, and the error is the last P/Invoke
    /// error.</summary>
    public static SafeFileHandle Open(string path) => new(open(path, Flags), ownsHandle: true);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string pathname, int flags);
}
