using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Looks at a job whose dataset may have to be written, and writes it once the job has ended.</summary>
internal sealed partial class DatasetKeeper(
    JobStore jobs, JobEventLog log, JobViewer viewer, ProgressReader progress, DuplicatePruner pruner, DatasetWriter writer, DatasetStore datasets,
    Submissions submissions, TimeProvider time, ILogger<DatasetKeeper> logger)
{
    // A marker comes before its job's record; one that is alone for so long belongs to a submission that died.
    private static readonly TimeSpan Orphaned = TimeSpan.FromHours(1);

    // A look costs LISTs in proportion to the job's size, so a large job is looked at less often.
    private const int PauseForEachLook = 20;
    // Somebody may wait for the end, which a look on a busy machine must not put off for long.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseForRecord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseForRemoval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseWhenNothingMoves = TimeSpan.FromMinutes(1);

    // Workers see within a second or two that a job was stopped, and then store what they have drawn.
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(10);

    /// <param name="pending">The job's marker.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>When to look again.</returns>
    public async Task<DateTimeOffset> LookAsync(ObjectEntry pending, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!ObjectKeys.TryParsePending(pending.Key, ObjectKeys.DatasetPendingPrefix, out var jobId)) return now + PauseWhenNothingMoves;
        var record = await jobs.ReadAsync(jobId, cancellationToken);
        var found = record.Value;
        if ((await log.ReadAsync(jobId, cancellationToken)).Deleted)
        {
            // What was written while it was removed is removed too.
            if (await submissions.RemoveAsync(jobId, found)) await datasets.SettleAsync(jobId, cancellationToken);
            return now + PauseForRemoval;
        }

        if (found is not { } job)
        {
            var age = now - pending.LastModified;
            if (record.IsAbsent && age > Orphaned) await datasets.SettleAsync(jobId, cancellationToken);
            // Its job's record comes a moment after the marker.
            return now + (record.IsAbsent && age < PauseWhenNothingMoves ? PauseForRecord : PauseWhenNothingMoves);
        }

        var start = time.GetTimestamp();
        var (_, read) = await viewer.LookAsync(job, withGenerators: false, cancellationToken);
        if (read.State == JobState.Submitting) await submissions.ResumeAsync([job]);
        if (read.State == JobState.Unreadable) return now + PauseWhenNothingMoves;
        await submissions.CheckAsync(job, read);
        if (!read.Settled)
        {
            var pause = PauseForEachLook * time.GetElapsedTime(start);
            return now + (read.State == JobState.Paused ? PauseWhenNothingMoves : pause < LongestPause ? pause : LongestPause);
        }

        if (read.State != JobState.Succeeded && read.Control.Events is [.., var last] && last.At + LastWrites is var quiet && quiet > now) return quiet;
        return await WriteAsync(job, read, cancellationToken);
    }

    private async Task<DateTimeOffset> WriteAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        var of = DatasetIdentity.Of(read);
        if ((await datasets.FindAsync(job.Id, cancellationToken))?.Of != of)
        {
            var (claim, tryAgainAt) = await datasets.ClaimAsync(job.Id, cancellationToken);
            if (claim is null) return tryAgainAt;
            of = await WriteAsync(job, claim, cancellationToken);
        }

        await datasets.SettleAsync(job.Id, cancellationToken);
        // A retry puts its marker after its event: if it came in this moment, its marker is the one that went.
        if (DatasetIdentity.Of(await progress.ReadAsync(job, cancellationToken)) != of) await datasets.PendAsync(job.Id, cancellationToken);
        return time.GetUtcNow();
    }

    private async Task<string> WriteAsync(Job job, DatasetClaim claim, CancellationToken cancellationToken)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(job.Id, claim, written.Token);
        string of;
        try
        {
            of = await WriteAsync(job, cancellationToken);
        }
        catch
        {
            await written.CancelAsync();
            await renewing;
            // Also at the end of the process: the next one need not wait for the lease to lapse.
            await datasets.FailAsync(job.Id, claim, CancellationToken.None);
            throw;
        }

        await written.CancelAsync();
        await renewing;
        await datasets.ReleaseAsync(job.Id, cancellationToken);
        return of;
    }

    /// <returns>What it was made of.</returns>
    private async Task<string> WriteAsync(Job job, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (job.Unique) await pruner.PruneAsync(job, cancellationToken);
        // Pruning writes manifests anew.
        var read = await progress.ReadAsync(job, cancellationToken);
        var of = DatasetIdentity.Of(read);
        var (facts, files) = await writer.WriteAsync(job, read, cancellationToken);
        var now = await progress.ReadAsync(job, cancellationToken);
        if (now.Control.Deleted || DatasetIdentity.Of(now) != of)
        {
            // The job went on meanwhile, and another writer may have told of it already: its files are not these any more.
            await datasets.ForgetAsync(job.Id, cancellationToken);
            Log.Overtaken(logger, job.Id);
            return of;
        }

        await datasets.PutAsync(job.Id, new DatasetRecord
        {
            Of = of,
            Samples = facts.Samples,
            Bytes = facts.Bytes,
            WrittenAt = time.GetUtcNow(),
            Files = files,
        }, cancellationToken);
        Log.Written(logger, job.Id, facts.Samples, (long)time.GetElapsedTime(start).TotalMilliseconds);
        return of;
    }

    private async Task RenewAsync(string jobId, DatasetClaim claim, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(DatasetStore.Lease / 3, time, stop);
                await datasets.RenewAsync(jobId, claim, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // It is written, or given up.
            }
#pragma warning disable CA1031 // It is tried again; a lease that lapses lets another one write the same bytes.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.NotRenewed(logger, exception, jobId);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Job {JobId}: the dataset of {Samples} samples was written in {Milliseconds} ms")]
        public static partial void Written(ILogger logger, string jobId, long samples, long milliseconds);

        [LoggerMessage(2, LogLevel.Information, "Job {JobId}: it went on while its dataset was written; it is written anew when it has ended")]
        public static partial void Overtaken(ILogger logger, string jobId);

        [LoggerMessage(3, LogLevel.Warning, "Job {JobId}: the claim on its dataset could not be renewed")]
        public static partial void NotRenewed(ILogger logger, Exception exception, string jobId);
    }
}
