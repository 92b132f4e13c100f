using VmDataset.ControlPlane.Fleet;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Engines;

/// <summary>SQLite queue and file-system store, all in one data folder.</summary>
internal static partial class LocalEngine
{
    // The worker gives a message up long before; this catches one that kills the process itself.
    private const int MaxReceives = 10;

    public static void AddLocalEngine(this IServiceCollection services, EngineOptions options)
    {
        services.AddSingleton(_ => new DataFolder(options));
        services.AddSingleton<IObjectStore>(static provider =>
            new NotingStore(new FileSystemObjectStore(provider.GetRequiredService<DataFolder>().Store)));
        services.AddSingleton(static provider => new SqliteBatchQueue(
            provider.GetRequiredService<DataFolder>().Queue, MaxReceives, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IBatchQueue>(static provider => provider.GetRequiredService<SqliteBatchQueue>());
        services.AddSingleton<IFleetFigures, LocalFigures>();
    }

    /// <summary>Takes the data folder, then frees what a killed process had leased.</summary>
    public static void Open(IServiceProvider services)
    {
        // First of all singletons, hence the last to be disposed: the lock outlives everything that writes.
        services.GetRequiredService<DataFolder>();
        var released = services.GetRequiredService<SqliteBatchQueue>().ReleaseOrphans();
        if (released > 0) Log.Released(services.GetRequiredService<ILogger<SqliteBatchQueue>>(), released);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} messages that a former process had in work are on the queue again")]
        public static partial void Released(ILogger logger, int count);
    }
}
