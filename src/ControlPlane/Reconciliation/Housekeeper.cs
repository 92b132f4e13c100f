namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Runs every chore once; one that fails does not stop the others, and is tried again in the next round.</summary>
internal sealed partial class Housekeeper(IEnumerable<IChore> chores, ILogger<Housekeeper> logger)
{
    private readonly IChore[] _chores = [.. chores];
    private readonly RepeatedFailures _failures = new();

    public bool HasChores => _chores.Length > 0;

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_chores.Select(chore => RunAsync(chore, cancellationToken)));

    private async Task RunAsync(IChore chore, CancellationToken cancellationToken)
    {
        try
        {
            await chore.RunAsync(cancellationToken);
            _failures.Pass(NameOf(chore));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next round goes on from what is in the store.
        }
#pragma warning disable CA1031 // Whatever the store or queue throws: the round after this one tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_failures.Add(NameOf(chore), exception).IsNew) Log.Failed(logger, exception, chore.GetType().Name);
        }
    }

    private string NameOf(IChore chore) => $"{Array.IndexOf(_chores, chore)}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The chore {Chore} failed; every round tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string chore);
    }
}
