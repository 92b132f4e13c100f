using Microsoft.Data.Sqlite;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>SQLite queue and file-system store, all in one data folder.</summary>
internal static partial class LocalBackend
{
    // The worker gives a message up long before; this catches one that kills the process itself.
    private const int MaxReceives = 10;

    public static void AddLocalBackend(this IServiceCollection services)
    {
        services.AddSingleton<DataFolder>();
        services.AddSingleton(static provider => provider.GetRequiredService<DataFolder>().Reserve);
        services.AddSingleton<IObjectStore>(static provider =>
            new CallTrackingStore(new FileSystemObjectStore(provider.GetRequiredService<DataFolder>().Store)));
        services.AddSingleton(static provider => new SqliteBatchQueue(
            provider.GetRequiredService<DataFolder>().Queue, MaxReceives, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IBatchQueue>(static provider => provider.GetRequiredService<SqliteBatchQueue>());
        services.AddSingleton<IDeadLetterQueue>(static provider => provider.GetRequiredService<SqliteBatchQueue>().DeadLetters);
        services.AddSingleton<IFleetFigures, LocalFigures>();
        services.AddSingleton(ListingPace.Local);
    }

    /// <summary>Takes the data folder, then frees what a killed process had leased.</summary>
    /// <exception cref="StartUpException">The folder cannot be used.</exception>
    public static void Open(IServiceProvider services)
    {
        // First of all singletons, hence the last to be disposed: the lock outlives everything that writes.
        var folder = services.GetRequiredService<DataFolder>();
        try
        {
            try
            {
                Take(services);
            }
            catch (Exception exception) when (DiskFull.Is(exception) && folder.Reserve.Release())
            {
                // Whoever wants to make room by deleting jobs needs a server for it.
                Take(services);
            }

            folder.Reserve.Restore();
        }
        catch (ServiceUnreachableException exception) when (exception.InnerException is SqliteException cause && !DiskFull.Is(cause))
        {
            throw Unreadable(folder, cause);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw folder.Unwritable(exception);
        }
    }

    private static void Take(IServiceProvider services)
    {
        services.GetRequiredService<IObjectStore>();
        // The worker makes them too, but when the server already says that it has started.
        var folder = services.GetRequiredService<DataFolder>();
        Directory.CreateDirectory(folder.Scratch);
        Directory.CreateDirectory(folder.WorkerState);
        var released = services.GetRequiredService<SqliteBatchQueue>().ReleaseOrphans();
        if (released > 0) Log.Released(services.GetRequiredService<ILogger<SqliteBatchQueue>>(), released);
    }

    private static StartUpException Unreadable(DataFolder folder, SqliteException cause) =>
        cause.SqliteErrorCode is 11 or 26 // SQLITE_CORRUPT, SQLITE_NOTADB
        ? new($"DATA_DIR is '{folder.Root}', whose queue.db is damaged ({cause.Message}). Move queue.db, queue.db-wal and queue.db-shm away and start again: jobs and samples are kept, and POST /v1/jobs/ID/retry sends what was on the queue.", cause)
        : new($"DATA_DIR is '{folder.Root}', whose queue.db cannot be used ({cause.Message}); allowed: a folder that this user can write.",
            cause);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} messages that a former process had in work are on the queue again")]
        public static partial void Released(ILogger logger, int count);
    }
}
