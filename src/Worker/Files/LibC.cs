using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace VmDataset.Worker.Files;

/// <summary>
/// Linux's calls for files relative to an open folder, which .NET does not offer: with them no part of a path can become a link between a
/// look and its use. Names are bytes, as the kernel has them, and need not be UTF-8.
/// </summary>
internal static partial class LibC
{
    public const int NotThere = 2; // ENOENT
    public const int NotAFolder = 20; // ENOTDIR
    public const int IsAFolder = 21; // EISDIR
    public const int ALink = 40; // ELOOP

    private const int WorkingFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int RemoveFolder = 0x200; // AT_REMOVEDIR
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicFields = 0x7FF; // STATX_BASIC_STATS
    private const int StatusBytes = 256;

    // O_WRONLY | O_CREAT | O_EXCL, O_NONBLOCK, O_NOCTTY, O_PATH and O_CLOEXEC are the same everywhere, the two others are not.
    private const int Create = 1 | 0x40 | 0x80;
    private const int Careful = 0x800 | 0x100 | 0x80000;
    private const int PathOnly = 0x200000;
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int OnlyFolder = Arm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int NoLink = Arm ? 0x8000 : 0x20000; // O_NOFOLLOW
    private static readonly nint ListFolder = Arm ? 61 : 217; // getdents64, which older libraries do not export

    /// <summary>Opens a folder for reading. A link in its place is refused; links in the path before it are followed.</summary>
    public static SafeFileHandle OpenFolder(SafeFileHandle? folder, ReadOnlySpan<byte> name) =>
        Open(folder, name, OnlyFolder | NoLink | Careful, 0);

    /// <summary>Opens a file for reading, without waiting for a FIFO's other end. A link is refused.</summary>
    public static SafeFileHandle OpenFile(SafeFileHandle folder, ReadOnlySpan<byte> name) => Open(folder, name, NoLink | Careful, 0);

    /// <summary>Makes a file that is not there yet, and opens it for writing.</summary>
    public static SafeFileHandle CreateFile(SafeFileHandle folder, ReadOnlySpan<byte> name) =>
        Open(folder, name, Create | NoLink | Careful, 0x1B6);

    /// <summary>Sets the permission bits of a folder, which need not be readable. By way of a handle, since a name may become a
    /// link.</summary>
    public static void ChangeMode(SafeFileHandle folder, ReadOnlySpan<byte> name, int mode)
    {
        using var named = Open(folder, name, PathOnly | OnlyFolder | NoLink | Careful, 0);
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{named.DangerousGetHandle()}\0");
        if (chmod(Encoding.ASCII.GetBytes(path), mode) != 0) throw LastError();
    }

    public static FileStatus Status(SafeFileHandle handle) => Status(handle, "\0"u8, EmptyPath);

    public static FileStatus Status(SafeFileHandle folder, ReadOnlySpan<byte> name) => Status(folder, name, NoFollow);

    /// <returns>Bytes read into <paramref name="buffer"/>; 0 at the end.</returns>
    public static int List(SafeFileHandle folder, Span<byte> buffer)
    {
        var read = syscall(ListFolder, folder, ref MemoryMarshal.GetReference(buffer), buffer.Length);
        return read >= 0 ? (int)read : throw LastError();
    }

    public static bool TryRemove(SafeFileHandle folder, ReadOnlySpan<byte> name, bool isFolder) =>
        unlinkat(folder, name, isFolder ? RemoveFolder : 0) == 0;

    public static bool TryRename(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName) =>
        renameat(from, name, to, newName) == 0;

    public static int LastErrorNumber => Marshal.GetLastPInvokeError();

    public static IOException LastError() => new(Marshal.GetPInvokeErrorMessage(LastErrorNumber), LastErrorNumber);

    private static SafeFileHandle Open(SafeFileHandle? folder, ReadOnlySpan<byte> name, int flags, int mode)
    {
        var descriptor = folder is null ? openat(WorkingFolder, name, flags, mode) : openat(folder, name, flags, mode);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw LastError();
    }

    // statx(2) has one layout on every architecture.
    private static FileStatus Status(SafeFileHandle handle, ReadOnlySpan<byte> name, int flags)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (statx(handle, name, flags, BasicFields, ref MemoryMarshal.GetReference(status)) != 0) throw LastError();
        return new FileStatus(
            (FileKind)((BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) >> 12) & 15),
            BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) & 0xFFF,
            BinaryPrimitives.ReadUInt32LittleEndian(status[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[136..]),
            BinaryPrimitives.ReadUInt64LittleEndian(status[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(status[96..]),
            BinaryPrimitives.ReadUInt32LittleEndian(status[104..]));
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int openat(int folder, ReadOnlySpan<byte> name, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int openat(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mask, ref byte status);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint syscall(nint number, SafeFileHandle folder, ref byte buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int unlinkat(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int renameat(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chmod(ReadOnlySpan<byte> path, int mode);
}
