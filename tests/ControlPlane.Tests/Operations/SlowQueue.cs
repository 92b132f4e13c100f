using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Operations;

/// <summary>A queue that takes its time with each sending.</summary>
internal sealed class SlowQueue(TimeSpan delay) : IBatchQueue
{
    private int _sent;

    public int Sent => _sent;

    public bool ChoosesGroups => false;

    public async Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        await Task.Delay(delay, cancellationToken);
        Interlocked.Add(ref _sent, messages.Count);
    }

    public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LeasedMessage>>([]);

    public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => Task.FromResult(false);

    public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) => Task.FromResult<QueueDepth?>(null);
}
