namespace VmDataset.Pipeline.Local;

/// <summary>
/// A file that holds disk space in reserve. On a full disk it is given up, so that a job can be deleted: that too writes, to the store
/// and to the queue.
/// </summary>
/// <param name="path">Where it lies.</param>
public sealed class DiskReserve(string path)
{
    public const int Bytes = 1 << 20;

    /// <summary>Gives the space up.</summary>
    /// <returns>False when there was none.</returns>
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
