namespace VmDataset.Worker.Hosting;

/// <summary>SIGTERM and SIGINT while the host does not take them yet: as a container's first process it would not even be killed by
/// them.</summary>
internal sealed class SignalStop : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _signals;

    public SignalStop() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal)];

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _signals.ForEach(static signal => signal.Dispose());
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }
}
