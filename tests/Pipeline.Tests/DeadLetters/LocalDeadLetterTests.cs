using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.DeadLetters;

public sealed class LocalDeadLetterTests : DeadLetterBoxContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LocalDeadLetterTests()
    {
        Queue = new SqliteBatchQueue(_folder.Combine("queue.db"), maxReceives: 3);
        Store = new FileSystemObjectStore(_folder.Combine("store"));
    }

    protected override IBatchQueue Queue { get; }

    protected override IObjectStore Store { get; }

    public void Dispose() => _folder.Dispose();
}
