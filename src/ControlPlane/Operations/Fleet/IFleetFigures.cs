using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>What an engine alone knows of its workers: everything but the queue's depth and this process's own worker.</summary>
internal interface IFleetFigures
{
    /// <exception cref="CloudWatchException">The figures cannot be had.</exception>
    Task<FleetView> ReadAsync(int minutes, CancellationToken cancellationToken);
}
