namespace VmDataset.ControlPlane.Datasets;

/// <summary>Builds the dataset of a job that has ended: prunes its duplicates, writes its files, and its record last.</summary>
internal sealed partial class DatasetBuilder(
    ProgressReader progress, DuplicatePruner pruner, DatasetWriter writer, DatasetStore datasets, TimeProvider time,
        ILogger<DatasetBuilder> logger)
    : IDisposable
{
    // Each reads all of a job's manifests.
    private const int AtOnce = 4;
    private static readonly TimeSpan PauseWhenBusy = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(AtOnce);

    /// <summary>Builds it unless it is there or another instance is building it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress, which is settled.</param>
    /// <param name="cancellationToken">Stops the building; the claim on it is given up.</param>
    /// <returns>When to come again; null if the dataset is there.</returns>
    public async Task<DateTimeOffset?> BuildAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if ((await datasets.FindAsync(job.Id, cancellationToken))?.Of == DatasetIdentity.Of(read)) return null;
        if (!_slots.Wait(0, CancellationToken.None)) return time.GetUtcNow() + PauseWhenBusy;
        try
        {
            var (claim, tryAgainAt) = await datasets.ClaimAsync(job.Id, cancellationToken);
            if (claim is null) return tryAgainAt;
            await WriteAsync(job, claim, cancellationToken);
            return null;
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task WriteAsync(Job job, DatasetClaim claim, CancellationToken cancellationToken)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(job.Id, claim, written.Token);
        try
        {
            await WriteAsync(job, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.Unfinished(logger, exception, job.Id);
            await written.CancelAsync();
            await renewing;
            // Also at the end of the process: the next one need not wait for the lease to lapse.
            await datasets.FailAsync(job.Id, claim, CancellationToken.None);
            throw;
        }

        await written.CancelAsync();
        await renewing;
        await datasets.ReleaseAsync(job.Id, cancellationToken);
    }

    private async Task WriteAsync(Job job, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (job.Unique) await pruner.PruneAsync(job, cancellationToken);
        // Pruning rewrites manifests.
        var read = await progress.ReadAsync(job, cancellationToken);
        var of = DatasetIdentity.Of(read);
        var (facts, files) = await writer.WriteAsync(job, read, cancellationToken);
        var now = await progress.ReadAsync(job, cancellationToken);
        if (now.Control.Deleted || DatasetIdentity.Of(now) != of)
        {
            // The job went on meanwhile, and another writer may have recorded a newer dataset, whose files these have replaced.
            await datasets.ForgetAsync(job.Id, cancellationToken);
            Log.Overtaken(logger, job.Id);
            return;
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

        [LoggerMessage(2, LogLevel.Information,
            "Job {JobId}: it went on while its dataset was written; the dataset is written again after its end")]
        public static partial void Overtaken(ILogger logger, string jobId);

        [LoggerMessage(3, LogLevel.Warning, "Job {JobId}: the claim on its dataset could not be renewed")]
        public static partial void NotRenewed(ILogger logger, Exception exception, string jobId);

        // The AWS stack has an alarm on it, see PendingDatasetFilter in infra/template.yaml.
        [LoggerMessage(4, LogLevel.Warning, "Job {JobId}: the dataset was left unfinished; a later pass writes it")]
        public static partial void Unfinished(ILogger logger, Exception exception, string jobId);
    }
}
