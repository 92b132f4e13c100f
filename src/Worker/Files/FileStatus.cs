namespace VmDataset.Worker.Files;

/// <summary>The kinds of files, by the type in their mode (<c>S_IFMT</c>).</summary>
internal enum FileKind
{
    Unknown = 0,
    Fifo = 1,
    CharacterDevice = 2,
    Folder = 4,
    BlockDevice = 6,
    File = 8,
    Link = 10,
    Socket = 12,
}

/// <summary>What the kernel says of a file. Two that are equal are the same file with the same content.</summary>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Device">Minor number of its device.</param>
/// <param name="ChangedSeconds">When content, size, links or mode changed last (ctime), which no program can set.</param>
internal readonly record struct FileStatus(
    FileKind Kind, int Mode, uint Links, long Bytes, ulong Device, ulong Inode, long ChangedSeconds, uint ChangedNanoseconds)
{
    /// <summary>What the file is if it is none of a sample's files: one that has this name alone.</summary>
    public string? Defect => Kind switch
    {
        FileKind.File when Links == 1 => null,
        FileKind.File => $"it has {Links} names (hard links)",
        _ => Describe(Kind),
    };

    public static string Describe(FileKind kind) => kind switch
    {
        FileKind.Link => "it is a link",
        FileKind.Fifo => "it is a FIFO",
        FileKind.Socket => "it is a socket",
        FileKind.CharacterDevice or FileKind.BlockDevice => "it is a device",
        FileKind.Folder => "it is a folder",
        FileKind.File => "it is a file",
        _ => "it is of an unknown kind",
    };
}
