using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>Reads what Home shows: the newest jobs, those that run, the queue and the workers.</summary>
internal sealed class HomeReader(
    JobReader jobs, JobStore store, PendingJobs pending, IBatchQueue queue, BackendOptions backend, GeneratorDirectory generators,
    IServiceProvider services)
{
    private const int Newest = 10;
    private const int MostRunning = 20;

    public async Task<HomeModel> ReadAsync(CancellationToken cancellationToken)
    {
        var page = await jobs.ListAsync(Newest, null, JobFilter.None, cancellationToken);
        var running = await RunningAsync(page.Items, cancellationToken);
        var depth = await queue.GetDepthAsync(cancellationToken: cancellationToken);
        return new HomeModel
        {
            Running = running,
            Newest = page.Items,
            HasMore = page.NextCursor is not null,
            Depth = (depth?.Queued, depth?.InFlight, depth?.Dead),
            Workers = Workers(depth),
            UsableGenerators = page.Items.Count > 0 ? null
                : (await generators.ListAsync(cancellationToken)).Count(static generator => generator.Usable),
        };
    }

    // An old job may run still: the reconciler's markers name every job that goes on.
    private async Task<IReadOnlyList<JobView>> RunningAsync(IReadOnlyList<JobView> newest, CancellationToken cancellationToken)
    {
        var known = newest.Select(static job => job.Id).ToHashSet(StringComparer.Ordinal);
        List<JobView> running = [.. newest.Where(static job => !job.State.IsEnd())];
        await foreach (var (id, _) in pending.ListAsync(cancellationToken))
        {
            if (running.Count >= MostRunning) break;
            if (!known.Add(id) || JobId.IsPreview(id)) continue;
            var record = await store.ReadAsync(id, cancellationToken);
            if (!record.IsAbsent && await jobs.ViewAsync(id, record, cancellationToken) is { } view && !view.State.IsEnd())
                running.Add(view);
        }

        return [.. running.OrderByDescending(static job => job.CreatedAt)];
    }

    private WorkersLine Workers(QueueDepth? depth)
    {
        if (services.GetService<LanePool>() is { } lanes)
            return new(
                $"This process draws samples: {lanes.Count().Busy} of {services.GetRequiredService<WorkerOptions>().Lanes} lanes are busy.",
                IsError: false);
        if (backend.Engine == BackendKind.Local)
            return new("No worker polls: EMBEDDED_WORKER is false, and the queue of this machine has no other.", IsError: true);
        return depth is { Queued: > 0, InFlight: 0 }
            ? new($"No worker polls: {Layout.Text.Plural(depth.Queued, "message waits", "messages wait")}, and none is in work.",
                IsError: true)
            : new("Workers poll the queue elsewhere.", IsError: false);
    }
}
