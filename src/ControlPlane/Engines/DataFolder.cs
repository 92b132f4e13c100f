using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Engines;

/// <summary>The local engine's folder, held by this process alone: its queue and its scratch folder know one owner.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <exception cref="StartUpException">The folder cannot be written, or another process holds it.</exception>
    public DataFolder(EngineOptions options)
    {
        Root = options.DataDir;
        _lock = Lock(Path.Combine(Root, "engine.lock"));
    }

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
    public static string StoreOf(EngineOptions options) => StoreIn(options.DataDir);

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
        catch (IOException exception)
        {
            throw new StartUpException(
                $"The data folder '{Root}' is in use by another process; one process at a time can own it. Stop that one, or set DATA_DIR to another folder.", exception);
        }
    }

    private StartUpException Unwritable(Exception cause) =>
        new($"DATA_DIR is '{Root}', which cannot be written ({cause.Message}); allowed: a folder that this user can write.", cause);
}
