using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace VmDataset.Worker.Files;

/// <summary>An open folder. It stays the same one whatever becomes of its name, so what is opened through it lies in it.</summary>
/// <remarks>Every method throws <see cref="IOException"/>, with the kernel's error number as <see cref="Exception.HResult"/>.</remarks>
internal sealed class DirectoryHandle : IDisposable
{
    private const int ListBytes = 16 * 1024;

    private DirectoryHandle(SafeFileHandle handle) => Handle = handle;

    public SafeFileHandle Handle { get; }

    /// <summary>Opens a folder. A link in its place is refused; folders above it are the caller's to trust.</summary>
    public static DirectoryHandle Open(string path) => new(LibC.OpenFolder(null, new EntryName(path).Terminated));

    /// <summary>Opens a folder, or the one that a link in its place leads to.</summary>
    public static DirectoryHandle OpenAny(string path) => new(LibC.OpenFolder(null, new EntryName(path + "/.").Terminated));

    /// <summary>Opens a folder in this one; a link is refused.</summary>
    public DirectoryHandle OpenFolder(EntryName name) => new(LibC.OpenFolder(Handle, name.Terminated));

    /// <summary>Opens the folder that <paramref name="path"/> leads to from here, through folders alone.</summary>
    public DirectoryHandle OpenPath(string path)
    {
        var folder = new DirectoryHandle(LibC.OpenFolder(Handle, ".\0"u8));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is ".") continue;
            using var above = folder;
            folder = above.OpenFolder(new EntryName(part));
        }

        return folder;
    }

    /// <summary>Looks at what has this name; a link is not followed.</summary>
    public FileStatus Status(EntryName name) => LibC.Status(Handle, name.Terminated);

    /// <summary>Names and kinds of what lies here, in no order. To be walked once for each handle.</summary>
    public IEnumerable<DirectoryEntry> Entries()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ListBytes);
        try
        {
            while (LibC.List(Handle, buffer) is > 0 and var filled)
            {
                for (var at = 0; at < filled;)
                {
                    // struct linux_dirent64: number (8 bytes), offset (8), length of this record (2), type (1), name and a zero.
                    var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
                    var (name, kind) = (new EntryName(NameIn(buffer.AsSpan(at + 19, length - 19))), (FileKind)buffer[at + 18]);
                    at += length;
                    if (name.Text is "." or "..") continue;
                    yield return new DirectoryEntry(name, kind is FileKind.Unknown ? Status(name).Kind : kind);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => Handle.Dispose();

    private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> field) => field[..field.IndexOf((byte)0)];
}
