using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>The local engine keeps no history: it knows how things stand now.</summary>
internal sealed class LocalFigures(SqliteBatchQueue queue) : IFleetFigures
{
    public Task<FleetView> ReadAsync(int minutes, CancellationToken cancellationToken) => Task.FromResult(new FleetView
    {
        Engine = BackendKind.Local,
        Queue = new FleetQueue { OldestAgeSeconds = queue.OldestAge()?.TotalSeconds },
        Notes = ["The local engine has no Lambda function and keeps no history: window, function and the queue's series are absent."],
    });
}
