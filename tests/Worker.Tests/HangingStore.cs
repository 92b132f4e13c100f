using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests;

/// <summary>A store that takes samples and never answers, whatever is cancelled.</summary>
internal sealed class HangingStore(IObjectStore inner) : ForwardingStore(inner)
{
    private readonly TaskCompletionSource _never = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first sample has come.</summary>
    public Task Asked => _asked.Task;

    public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        _asked.TrySetResult();
        return _never.Task;
    }
}
