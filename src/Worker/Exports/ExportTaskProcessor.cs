using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Shards;

namespace VmDataset.Worker.Exports;

/// <summary>
/// Makes exports. One that names files takes one pass over a job's manifests, one that copies samples is made in parts: files first, their
/// record after, the acknowledgement last. Two workers on one message write the same bytes.
/// </summary>
public sealed partial class ExportTaskProcessor
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), Factor: 3);

    private readonly JobStore _jobs;
    private readonly ExportedDataset _dataset;
    private readonly ExportStore _exports;
    private readonly IObjectStore _store;
    private readonly DatasetRows _rows;
    private readonly ShardExporter _shards;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ExportTaskProcessor> _logger;

    public ExportTaskProcessor(JobStore jobs, JobEventLog log, ProgressReader progress, ManifestReader manifests, DatasetStore datasets,
        ExportStore exports, IObjectStore store, IBatchQueue queue, WorkerOptions options, TimeProvider time,
        ILogger<ExportTaskProcessor> logger, PartLimits? limits = null)
    {
        (_jobs, _exports, _store, _options, _time, _logger) = (jobs, exports, store, options, time, logger);
        (_dataset, _rows) = (new ExportedDataset(log, progress, datasets), new DatasetRows(manifests));
        _shards = new ShardExporter(_dataset, _rows, exports, store, queue, limits ?? PartLimits.Default, time, logger);
    }

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
            Log.Failed(_logger, exception, task.JobId, task.Options.Id, delay.TotalSeconds);
            if (leased.ReceiveCount < _options.MaxReceives) return BatchOutcome.GiveBack(delay);
            await PutAsync(task, new ExportCount(), [], exception.Message, bounds.LeaseLost);
            return BatchOutcome.Acknowledge;
        }
    }

    private async Task RunAsync(ExportTask task, CancellationToken cancellationToken)
    {
        if (await _jobs.FindAsync(task.JobId, cancellationToken) is not { } job || !await IsDueAsync(job, task, cancellationToken))
            Log.Dropped(_logger, task.JobId, task.Options.Id);
        else if (task.Options.Shards is not null) await _shards.RunAsync(job, task, cancellationToken);
        else await WriteAsync(job, task, cancellationToken);
    }

    private async Task<bool> IsDueAsync(Job job, ExportTask task, CancellationToken cancellationToken) =>
        // The manifests are listed for the plan and the end of an export, not for each of its parts.
        await (task.Part is null ? _dataset.IsOfAsync(job, task.Of, cancellationToken)
            : _dataset.WasOfAsync(job, task.Of, cancellationToken))
        && !(await _exports.FindAsync(job.Id, task.Options.Id, cancellationToken) is { Problem: null } made && made.Of == task.Of);

    private async Task WriteAsync(Job job, ExportTask task, CancellationToken cancellationToken)
    {
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
        var files = await folder.StoreAsync(_store, job.Id, cancellationToken);
        // The rows may have been read while the job went on: then they are of no dataset.
        if (!await _dataset.IsOfAsync(job, task.Of, cancellationToken)) return;
        await PutAsync(task, count, files, null, cancellationToken);
        Log.Written(_logger, task.JobId, task.Options.Id, count.Samples);
    }

    private Task PutAsync(ExportTask task, ExportCount count, IReadOnlyList<DataFile> files, string? problem,
        CancellationToken cancellationToken) => _exports.PutAsync(task.JobId, new ExportRecord
        {
            Options = task.Options,
            Of = task.Of,
            WrittenAt = _time.GetUtcNow(),
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
