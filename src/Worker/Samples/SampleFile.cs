using Microsoft.Win32.SafeHandles;

namespace VmDataset.Worker.Samples;

/// <summary>Opens a file of a sample so that nothing blocks and no link is followed, and knows whether it stayed as it was.</summary>
internal sealed class SampleFile : IDisposable
{
    // Memory, open files or room on the disk (ENOMEM, ENFILE, EMFILE, ENOSPC, EDQUOT): the sample's failure, but not its generator's fault.
    private static readonly int[] MachineLacks = [12, 23, 24, 28, 122];
    private readonly string _name;

    private SampleFile(string name, SafeFileHandle handle)
    {
        _name = name;
        Content = new FileStream(handle, FileAccess.Read, bufferSize: 4096);
    }

    /// <summary>Its content, from the start. Every read that fails is an <see cref="InvalidSampleException"/> in the end: see <see cref="Reading"/>.</summary>
    public FileStream Content { get; }

    public FileStatus Status { get; private init; }

    /// <param name="folder">The sample's folder.</param>
    /// <param name="name">The file's name with its folders.</param>
    /// <param name="known">What it was when it was read, if it was.</param>
    /// <exception cref="InvalidSampleException">It cannot be opened, is no regular file of one name, or is another one than it
    /// was.</exception>
    public static SampleFile Open(DirectoryHandle folder, string name, FileStatus? known = null) => Reading(name, () =>
    {
        var slash = name.LastIndexOf('/');
        using var inner = slash < 0 ? null : folder.OpenPath(name[..slash]);
        var (parent, entry) = (inner ?? folder, new EntryName(name[(slash + 1)..]));
        // To open a device may do something, so it is looked at first; and again through its handle, since it may have been replaced.
        Check(name, parent.Status(entry), known);
        var handle = LibC.OpenFile(parent.Handle, entry.Terminated);
        try
        {
            var status = LibC.Status(handle);
            Check(name, status, known);
            return new SampleFile(name, handle) { Status = status };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    });

    /// <summary>Whether nobody has written to it since it was opened.</summary>
    /// <exception cref="InvalidSampleException">Somebody has.</exception>
    public void CheckUnchanged() => Reading(_name, () =>
    {
        Check(_name, LibC.Status(Content.SafeFileHandle), Status);
        return true;
    });

    /// <summary>Reads all of it.</summary>
    /// <param name="limit">Bytes that it may have.</param>
    /// <exception cref="InvalidSampleException">It has more.</exception>
    public byte[] ReadAll(int limit) => Reading(_name, () =>
    {
        if (Status.Bytes > limit) throw Invalid(_name, $"it has {Status.Bytes} bytes; allowed: at most {limit}");
        var content = new byte[Status.Bytes];
        Content.ReadExactly(content);
        return content;
    });

    /// <summary>Writes a file anew, in a new file of its name, so that whoever still holds the old one open does not write to it.</summary>
    public static void Replace(DirectoryHandle folder, string name, byte[] content) => Reading(name, () =>
    {
        var entry = new EntryName(name);
        if (!LibC.TryRemove(folder.Handle, entry.Terminated, isFolder: false)) throw LibC.LastError();
        using var file = new FileStream(LibC.CreateFile(folder.Handle, entry.Terminated), FileAccess.Write, bufferSize: 0);
        file.Write(content);
        return true;
    });

    /// <summary>Runs what reads a generator's file. Whatever goes wrong there is that sample's failure, and names the file.</summary>
    public static T Reading<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            var invalid = Invalid(name, $"it could not be read: {failure.Message}");
            throw MachineLacks.Contains(failure.HResult) ? new InvalidSampleException(FailureKind.Worker, invalid.Message) : invalid;
        }
    }

    public static InvalidSampleException Invalid(string name, string defect) =>
        new(FailureKind.InvalidOutput, $"{FileNames.Show(name)}: {defect.TrimEnd('.')}.");

    public void Dispose() => Content.Dispose();

    private static void Check(string name, FileStatus status, FileStatus? known)
    {
        if (status.Defect is { } kind) throw Invalid(name, $"{kind}; allowed: regular files of one name");
        if (known is { } before && status != before) throw Invalid(
            name, "it was changed after the sample was drawn; allowed: files that no process writes to any more");
    }
}
