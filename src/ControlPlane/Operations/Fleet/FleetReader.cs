using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Queue;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>Puts the engine's figures, the queue's depth and this process's own worker together.</summary>
internal sealed class FleetReader(IFleetFigures figures, IBatchQueue queue, BackendOptions options, IServiceProvider services)
{
    public async Task<FleetView> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var view = await figures.ReadAsync(minutes, cancellationToken);
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return view with
        {
            Queue = view.Queue with { Queued = depth?.Queued, InFlight = depth?.InFlight, Dead = depth?.Dead },
            Worker = options.EmbeddedWorker ? Worker(services.GetRequiredService<LanePool>(), services.GetRequiredService<WorkerOptions>(), services.GetRequiredService<Zygote>().Sandbox) : null,
            Notes = options.EmbeddedWorker ? view.Notes : [.. view.Notes, "This process has no worker: EMBEDDED_WORKER is false."],
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
