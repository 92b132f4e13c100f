using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.DeadLetters;

public sealed class LocalDeadLetterTests : DeadLetterServiceContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteBatchQueue _queue;

    public LocalDeadLetterTests()
    {
        _queue = new SqliteBatchQueue(_folder.Combine("queue.db"), maxReceives: 3);
        Store = new FileSystemObjectStore(_folder.Combine("store"));
    }

    protected override IBatchQueue Queue => _queue;

    protected override IDeadLetterQueue DeadLetters => _queue.DeadLetters;

    protected override IObjectStore Store { get; }

    public void Dispose() => _folder.Dispose();
}
