namespace VmDataset.Pipeline.Local;

/// <summary>A file that holds disk space in reserve. On a full disk the space is released, so that a job can be deleted: a deletion writes
/// to the store and the queue too.</summary>
public sealed class DiskReserve(string path)
{
    public const int Bytes = 1 << 20;

    /// <summary>Gives the space up; false when there was none.</summary>
    public bool Release()
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    /// <summary>Takes the space again, unless it is held or the disk is full.</summary>
    public void Restore()
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: >= Bytes }) return;
            // Not zeros, for which some file systems allocate nothing.
            File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(Bytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Other writers need the part that was taken.
            if (DiskFull.Is(exception)) File.Delete(path);
        }
    }
}
