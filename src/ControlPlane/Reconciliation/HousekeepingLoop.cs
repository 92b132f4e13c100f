using VmDataset.ControlPlane.Settings;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Runs the chores every few seconds, where the process runs between requests.</summary>
internal sealed class HousekeepingLoop(Housekeeper housekeeper, BackendOptions engine) : BackgroundService
{
    // A LIST costs nothing on a disk and $0.005 per 1,000 on S3, where ten seconds make four cents a day.
    private readonly TimeSpan _interval = engine.Engine == BackendKind.Local ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!housekeeper.HasChores) return;
        using var timer = new PeriodicTimer(_interval);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await housekeeper.RunAsync(stoppingToken);
    }
}
