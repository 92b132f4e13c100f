using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>The local engine's folder, held by this process alone: its queue and its scratch folder know one owner.</summary>
public sealed class DataFolder : IDisposable
{
    // EAGAIN of Linux and of macOS, and Windows' ERROR_SHARING_VIOLATION: what flock(2) answers while another process holds the lock.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _lock;

    /// <exception cref="StartUpException">The folder cannot be written, or another process holds it.</exception>
    public DataFolder(LocalOptions options)
    {
        Root = Path.GetFullPath(options.DataDir);
        Reserve = new DiskReserve(Path.Combine(Root, "reserve"));
        _lock = Lock(Path.Combine(Root, "engine.lock"));
    }

    /// <summary>Room that can be given up when the disk is full.</summary>
    public DiskReserve Reserve { get; }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>Objects.</summary>
    public string Store => StoreIn(Root);

    /// <summary>The queue's database file.</summary>
    public string Queue => Path.Combine(Root, "queue.db");

    /// <summary>Samples being drawn; the worker empties it at start.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    /// <summary>What the worker has learned of generators.</summary>
    public string WorkerState => Path.Combine(Root, "worker");

    /// <summary>Where the objects are, for who does not need the folder for himself.</summary>
    public static string StoreOf(LocalOptions options) => StoreIn(options.DataDir);

    public void Dispose() => _lock.Dispose();

    private static string StoreIn(string root) => Path.Combine(root, "store");

    private FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }

        try
        {
            // The kernel drops the lock with the process, however that ends; the file itself stays and means nothing.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unwritable(exception);
        }
        catch (IOException exception) when (Array.IndexOf(Held, exception.HResult) >= 0)
        {
            throw new StartUpException(
                $"The data folder '{Root}' is in use by another process; one process at a time can own it. Stop that one, or set DATA_DIR to another folder.", exception);
        }
        catch (IOException exception)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>What a start says of a folder that does not take what has to be written.</summary>
    public StartUpException Unwritable(Exception cause) => DiskFull.Is(cause)
        ? new($"DATA_DIR is '{Root}', whose disk is full ({OneLine(cause)}); allowed: a folder with some megabytes of room. Make room there.", cause)
        : new($"DATA_DIR is '{Root}', which cannot be written ({OneLine(cause)}); allowed: a folder that this user can write.", cause);

    private static string OneLine(Exception cause) => cause.Message.ReplaceLineEndings(" ").Trim();
}
