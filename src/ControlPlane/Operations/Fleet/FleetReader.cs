using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>Puts the engine's figures, the queue's depth and this process's own worker together.</summary>
internal sealed class FleetReader(IFleetFigures figures, IBatchQueue queue, IServiceProvider services)
{
    public async Task<FleetView> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var view = await figures.ReadAsync(minutes, cancellationToken);
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        var lanes = services.GetService<LanePool>();
        return view with
        {
            Queue = view.Queue with { Queued = depth?.Queued, InFlight = depth?.InFlight, Dead = depth?.Dead },
            Worker = lanes is not null ? Worker(lanes, services.GetRequiredService<WorkerOptions>(),
                services.GetRequiredService<Zygote>().Sandbox) : null,
            Notes = lanes is not null ? view.Notes : [.. view.Notes, "This process has no worker: EMBEDDED_WORKER is false."],
        };
    }

    private static FleetWorker Worker(LanePool pool, WorkerOptions worker, SandboxStatus? sandbox)
    {
        var (busy, live) = pool.Count();
        return new FleetWorker
        {
            Lanes = worker.Lanes,
            Busy = busy,
            Live = live,
            MaxLive = worker.MaxLiveLanes,
            Sandbox = sandbox?.Name,
            Unconfined = sandbox?.Unconfined,
        };
    }
}
