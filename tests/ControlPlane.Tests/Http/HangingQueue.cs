using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Http;

/// <summary>A queue that takes every call and answers none.</summary>
internal sealed class HangingQueue : IBatchQueue, IDeadLetterQueue
{
    public bool ChoosesGroups => false;

    public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) => HangAsync<bool>(cancellationToken);

    public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) =>
        HangAsync<IReadOnlyList<LeasedMessage>>(cancellationToken);

    public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => HangAsync<bool>(cancellationToken);

    public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => HangAsync<bool>(cancellationToken);

    public Task SendAsync(OutgoingMessage message, string reason, CancellationToken cancellationToken = default) => HangAsync<bool>(cancellationToken);

    public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) => HangAsync<QueueDepth?>(cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken = default) => HangAsync<IReadOnlyList<DeadLetter>>(cancellationToken);

    public Task<bool> WalkAsync(Func<DeadLetter, Task<bool>> handle, CancellationToken pause = default, CancellationToken cancellationToken = default) => HangAsync<bool>(cancellationToken);

    private static async Task<T> HangAsync<T>(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("It never comes here.");
    }
}
