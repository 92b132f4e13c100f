using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Tests.Queue;

public sealed class SqliteDeadLetterQueueTests : DeadLetterQueueContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteBatchQueue _queue;

    public SqliteDeadLetterQueueTests() => _queue = new SqliteBatchQueue(_folder.Combine("queue.db"), BatchQueueContract.MaxReceives);

    protected override IBatchQueue Queue => _queue;

    protected override IDeadLetterQueue DeadLetters => _queue.DeadLetters;

    protected override TimeSpan ShortLease => TimeSpan.FromMilliseconds(150);

    public void Dispose() => _folder.Dispose();

    protected override IDeadLetterQueue OutOfReach() => SqliteBatchQueueTests.WithoutFile(_folder).DeadLetters;
}
