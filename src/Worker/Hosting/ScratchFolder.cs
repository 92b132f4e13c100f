namespace VmDataset.Worker.Hosting;

/// <summary>
/// A folder of this process's own below <c>SCRATCH_DIR</c>: workers that share it must not meet each other's samples. What
/// processes that are gone left behind is removed.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "worker-";
    private const string UnfinishedPrefix = "starting-";
    private const string LockName = "lock";
    // Far longer than a start takes.
    private static readonly TimeSpan UnfinishedAge = TimeSpan.FromHours(1);
    private readonly FileStream _lock;

    /// <exception cref="StartUpException">The folder cannot be written.</exception>
    public ScratchFolder(string root)
    {
        try
        {
            // It gets the name that others look for once it is locked. Another worker that starts at the same moment would
            // otherwise lock it first and remove it.
            var id = Guid.NewGuid().ToString("N");
            var unfinished = System.IO.Path.Combine(root, UnfinishedPrefix + id);
            Directory.CreateDirectory(unfinished);
            // The kernel drops the lock with the process, however that ends.
            _lock = new FileStream(System.IO.Path.Combine(unfinished, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            Path = System.IO.Path.Combine(root, Prefix + id);
            Directory.Move(unfinished, Path);
            foreach (var other in Directory.EnumerateDirectories(root, Prefix + "*")) RemoveIfAbandoned(other);
            foreach (var other in Directory.EnumerateDirectories(root, UnfinishedPrefix + "*")) RemoveIfOld(other);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException(
                $"SCRATCH_DIR is '{root}', which cannot be written ({exception.Message}); allowed: a folder that this user can write.",
                exception);
        }
    }

    public string Path { get; }

    public void Dispose()
    {
        _lock.Dispose();
        Scratch.Delete(Path);
    }

    private static void RemoveIfAbandoned(string folder)
    {
        var path = System.IO.Path.Combine(folder, LockName);
        if (!File.Exists(path)) return;
        try
        {
            using var taken = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Scratch.Delete(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its process lives, is another user's, or has just gone too.
        }
    }

    private static void RemoveIfOld(string folder)
    {
        try
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) > UnfinishedAge) Scratch.Delete(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is another user's, or has just got its name.
        }
    }
}
