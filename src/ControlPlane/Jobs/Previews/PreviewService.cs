using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>Has any worker make a preview's samples, as a job of one message whose id follows from its contents. So equal previews are made
/// once, and found again later.</summary>
internal sealed class PreviewService(JobStore jobs, JobEventLog log, ReconcileScheduler reconcile, ProgressReader progress,
    TimeProvider time)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <returns>The preview's job, and its progress when it had ended or the time for that was over.</returns>
    public async Task<(Job Job, JobProgress Read)> MakeAsync(
        GeneratorInfo generator, PreviewRequest request, string caller, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + RequestBudget.Time;
        var job = await FindOrSendAsync(generator, request, caller, cancellationToken);
        var pause = FirstLook;
        while (true)
        {
            var read = await progress.ReadAsync(job, cancellationToken);
            if (read.Ended || time.GetUtcNow() + pause > until) return (job, read);
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    /// <summary>The job of a preview that was made before; null if there is none.</summary>
    public async Task<Job?> FindAsync(GeneratorInfo generator, PreviewRequest request, CancellationToken cancellationToken)
    {
        for (var edition = 1; ; edition++)
        {
            var id = Id(edition, generator, request);
            if ((await log.ReadAsync(id, cancellationToken)).Deleted) continue;
            return await jobs.FindAsync(id, cancellationToken);
        }
    }

    private static string Id(int edition, GeneratorInfo generator, PreviewRequest request) =>
        JobId.Preview(edition, [generator.Name, generator.Version, request.Seed, request.Samples, request.Parameters?.Json ?? "",
            .. request.Video is { } video ? [video.Hash] : Array.Empty<object>()]);

    private async Task<Job> FindOrSendAsync(GeneratorInfo generator, PreviewRequest request, string caller,
        CancellationToken cancellationToken)
    {
        for (var edition = 1; ; edition++)
        {
            var id = Id(edition, generator, request);
            // Messages of a deleted job may still be about and are dropped: what comes after it needs another id.
            if ((await log.ReadAsync(id, cancellationToken)).Deleted) continue;
            if (await jobs.FindAsync(id, cancellationToken) is { } there) return there;

            var job = new Job
            {
                Id = id,
                CreatedAt = time.GetUtcNow(),
                Generators = [JobGenerator.Of(generator) with { Parameters = request.Parameters }],
                StartIndex = 0,
                Samples = request.Samples,
                BatchSize = request.Samples,
                Seed = request.Seed,
                OutputFormat = OutputFormat.Files,
                Video = request.Video,
                Owner = caller,
            };
            // Somebody else asked for it in the same moment.
            if (!await jobs.TryCreateAsync(job, cancellationToken)) return (await jobs.FindAsync(id, cancellationToken))!;
            await reconcile.ReconcileNowAsync(job.Id);
            return job;
        }
    }
}
