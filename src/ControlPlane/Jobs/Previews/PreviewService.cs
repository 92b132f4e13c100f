using VmDataset.ControlPlane.Reconciliation;

namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>
/// Has a preview's samples made by whatever worker there is: as a job of one message, whose id says what it shows. So the same
/// preview is made once, whoever asks for it, and found again after that.
/// </summary>
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

    private async Task<Job> FindOrSendAsync(GeneratorInfo generator, PreviewRequest request, string caller,
        CancellationToken cancellationToken)
    {
        for (var edition = 1; ; edition++)
        {
            var id = JobId.Preview(edition, generator.Name, generator.Version, request.Seed, request.Samples, request.Parameters?.Json
                ?? "");
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
                Owner = caller,
            };
            // Somebody else asked for it in the same moment.
            if (!await jobs.TryCreateAsync(job, cancellationToken)) return (await jobs.FindAsync(id, cancellationToken))!;
            await reconcile.ReconcileNowAsync(job.Id);
            return job;
        }
    }
}
