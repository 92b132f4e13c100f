using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Exports;

/// <summary>
/// Makes exports, in one pass over a job's manifests: files first, their record after, the acknowledgement last. Two workers on one
/// message write the same bytes.
/// </summary>
public sealed partial class ExportTaskProcessor(
    JobStore jobs, JobEventLog log, ProgressReader progress, ManifestReader manifests, DatasetStore datasets, ExportStore exports,
    IObjectStore store, WorkerOptions options, TimeProvider time, ILogger<ExportTaskProcessor> logger)
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), Factor: 3);

    private readonly DatasetRows _rows = new(manifests);

    /// <param name="leased">The message.</param>
    /// <param name="task">Its content.</param>
    /// <param name="bounds">When to stop.</param>
    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public async Task<BatchOutcome> ProcessAsync(LeasedMessage leased, ExportTask task, BatchBounds bounds)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(bounds.Stop, bounds.LeaseLost);
        try
        {
            await RunAsync(task, stop.Token);
            return BatchOutcome.Acknowledge;
        }
        catch (OperationCanceledException) when (bounds.Stop.IsCancellationRequested && !bounds.LeaseLost.IsCancellationRequested)
        {
            return BatchOutcome.GiveBack(TimeSpan.Zero);
        }
        catch (Exception exception) when (!bounds.LeaseLost.IsCancellationRequested)
        {
            var delay = Pauses.After(leased.ReceiveCount);
            Log.Failed(logger, exception, task.JobId, task.Options.Id, delay.TotalSeconds);
            if (leased.ReceiveCount < options.MaxReceives) return BatchOutcome.GiveBack(delay);
            await PutAsync(task, new ExportCount(), [], exception.Message, bounds.LeaseLost);
            return BatchOutcome.Acknowledge;
        }
    }

    private async Task RunAsync(ExportTask task, CancellationToken cancellationToken)
    {
        if (await jobs.FindAsync(task.JobId, cancellationToken) is not { } job || !await IsOfDatasetAsync(job, task, cancellationToken)
            || await exports.FindAsync(job.Id, task.Options.Id, cancellationToken) is { Problem: null } made && made.Of == task.Of)
        {
            Log.Dropped(logger, task.JobId, task.Options.Id);
            return;
        }

        await using var folder = new ExportFolder(task.Options);
        await using var writer = ExportWriter.Of(task.Options, folder);
        var count = new ExportCount();
        foreach (var generator in job.Generators)
        {
            var number = 0;
            await foreach (var row in _rows.RowsAsync(job, generator, cancellationToken: cancellationToken))
            {
                if (task.Options.Split is { } split && row.Split != split) continue;
                var prompt = row.Record.Prompt?.Trim() ?? "";
                if (!count.Take(row.Video.Length > 0 && prompt.Length > 0)) continue;
                await writer.AddAsync(new ExportSample(row, number++, prompt), cancellationToken);
            }
        }

        if (count.Samples == 0)
        {
            await PutAsync(task, count, [], task.Options.Split is null ? "No sample of the dataset has both a video and a prompt."
                : $"No sample of the split '{task.Options.Split}' has both a video and a prompt.", cancellationToken);
            return;
        }

        await writer.FinishAsync(cancellationToken);
        var files = await folder.StoreAsync(store, job.Id, cancellationToken);
        // The rows may have been read while the job went on: then they are of no dataset.
        if (!await IsOfDatasetAsync(job, task, cancellationToken)) return;
        await PutAsync(task, count, files, null, cancellationToken);
        Log.Written(logger, task.JobId, task.Options.Id, count.Samples);
    }

    /// <summary>Whether the job's data still is the dataset that the export was asked of.</summary>
    private async Task<bool> IsOfDatasetAsync(Job job, ExportTask task, CancellationToken cancellationToken) =>
        !(await log.ReadAsync(job.Id, cancellationToken)).Deleted
        && (await datasets.FindAsync(job.Id, cancellationToken))?.Of == task.Of
        && DatasetIdentity.Of(await progress.ReadAsync(job, cancellationToken)) == task.Of;

    private Task PutAsync(ExportTask task, ExportCount count, IReadOnlyList<DataFile> files, string? problem,
        CancellationToken cancellationToken) => exports.PutAsync(task.JobId, new ExportRecord
        {
            Options = task.Options,
            Of = task.Of,
            WrittenAt = time.GetUtcNow(),
            Samples = count.Samples,
            Skipped = count.Skipped,
            Files = files,
            Problem = problem,
        }, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Job {JobId}: the export {Export} of {Samples} samples was written")]
        public static partial void Written(ILogger logger, string jobId, string export, long samples);

        [LoggerMessage(2, LogLevel.Information, "Job {JobId}: the message of the export {Export} is dropped: it is made, or the job went on")]
        public static partial void Dropped(ILogger logger, string jobId, string export);

        [LoggerMessage(3, LogLevel.Error, "Job {JobId}: the export {Export} could not be written; the next try is in {Seconds} s")]
        public static partial void Failed(ILogger logger, Exception exception, string jobId, string export, double seconds);
    }
}
