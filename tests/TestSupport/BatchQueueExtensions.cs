using VmDataset.Pipeline.Queue;

namespace VmDataset.Tests;

public static class BatchQueueExtensions
{
    /// <summary>Leases messages of any group.</summary>
    public static Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(
        this IBatchQueue queue, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellationToken = default) =>
        queue.ReceiveAsync(max, lease, wait, [], cancellationToken);
}
