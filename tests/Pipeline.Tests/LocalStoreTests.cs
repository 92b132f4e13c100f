using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Tests;

/// <summary>Tests on a store in a folder of their own, with what reads and writes jobs in it.</summary>
public abstract class LocalStoreTests : IDisposable
{
    protected LocalStoreTests()
    {
        Store = new FileSystemObjectStore(Folder.Combine("store"));
        Log = new JobEventLog(Store, TimeProvider.System);
        Progress = new ProgressReader(Store, Log, TimeProvider.System);
        Jobs = new JobStore(Store);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    protected FileSystemObjectStore Store { get; }

    protected JobEventLog Log { get; }

    protected ProgressReader Progress { get; }

    protected JobStore Jobs { get; }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
