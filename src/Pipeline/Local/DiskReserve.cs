using System.Security.Cryptography;

namespace VmDataset.Pipeline.Local;

/// <summary>
/// A file that takes room so that it can be given up: on a full disk a job is deleted by writing that it is, and the queue writes
/// before it forgets.
/// </summary>
/// <param name="path">Where it lies.</param>
public sealed class DiskReserve(string path)
{
    public const int Bytes = 1 << 20;

    /// <summary>Makes room.</summary>
    /// <returns>False when there was nothing to give up.</returns>
    public bool Release()
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    /// <summary>Takes the room, unless it has it, or there is none.</summary>
    public void Restore()
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: >= Bytes }) return;
            // Not zeros: some file systems give those no room.
            File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(Bytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A part of it would only be in the way of others.
            if (DiskFull.Is(exception)) File.Delete(path);
        }
    }
}
