using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Operations;

/// <summary>A queue that cannot be reached, or has a mistake in it.</summary>
internal sealed class BrokenQueue(bool outOfReach) : IBatchQueue, IDeadLetterQueue
{
    public const string Message = "the secret address of the queue";

    public bool ChoosesGroups => false;

    public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) => throw Failure();

    public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) => throw Failure();

    public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => throw Failure();

    public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => throw Failure();

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default) => throw Failure();

    public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) => throw Failure();

    public Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken = default) => throw Failure();

    public Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default, CancellationToken cancellationToken = default) => throw Failure();

    private Exception Failure() => outOfReach ? new ServiceUnreachableException(Message) : new InvalidOperationException(Message);
}
