using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Datasets;

/// <summary>
/// Turns a <see cref="DatasetTask"/> into a part of a dataset. The worker that writes the last missing part writes the files about the
/// whole dataset too. Each step may be repeated after a crash: files come first, their record after, the acknowledgement last.
/// </summary>
public sealed partial class DatasetTaskProcessor
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), Factor: 3);

    private readonly JobStore _jobs;
    private readonly JobEventLog _log;
    private readonly ProgressReader _progress;
    private readonly DuplicatePruner _pruner;
    private readonly ShardJoiner _joiner;
    private readonly DatasetStore _datasets;
    private readonly PartWriter _parts;
    private readonly IObjectStore _store;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DatasetTaskProcessor> _logger;

    public DatasetTaskProcessor(JobStore jobs, JobEventLog log, ProgressReader progress, ManifestReader manifests, KnownSamples known,
        ShardJoiner joiner, DatasetStore datasets, IObjectStore store, WorkerOptions options, TimeProvider time,
        ILogger<DatasetTaskProcessor> logger)
    {
        (_jobs, _log, _progress, _datasets, _store) = (jobs, log, progress, datasets, store);
        (_joiner, _options, _time, _logger) = (joiner, options, time, logger);
        (_pruner, _parts) = (new DuplicatePruner(manifests, known, store), new PartWriter(new DatasetRows(manifests)));
    }

    /// <param name="leased">The message.</param>
    /// <param name="task">Its content.</param>
    /// <param name="bounds">When to stop.</param>
    /// <exception cref="OperationCanceledException">The lease was lost.</exception>
    public async Task<BatchOutcome> ProcessAsync(LeasedMessage leased, DatasetTask task, BatchBounds bounds)
    {
        using var scope = Log.Scope(_logger, task.JobId, task.Part);
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
            Log.Failed(_logger, exception, delay.TotalSeconds);
            if (leased.ReceiveCount < _options.MaxReceives) return BatchOutcome.GiveBack(delay);
            // The control plane sends the part again later.
            var problem = new DatasetProblem(task.Part, exception.Message, _time.GetUtcNow());
            await _datasets.PutProblemAsync(task.JobId, problem, bounds.LeaseLost);
            return BatchOutcome.Acknowledge;
        }
    }

    private async Task RunAsync(DatasetTask task, CancellationToken cancellationToken)
    {
        if (await _jobs.FindAsync(task.JobId, cancellationToken) is not { } job
            || DatasetPart.Of(job).FirstOrDefault(each => each.Id == task.Part) is not { } part
            || await IsOvertakenAsync(task, cancellationToken))
        {
            Log.Dropped(_logger);
            return;
        }

        if (job.Unique)
            foreach (var generator in part.GeneratorsOf(job)) await _pruner.PruneAsync(job, generator.Name, cancellationToken);
        foreach (var generator in part.GeneratorsOf(job)) await _joiner.JoinAsync(job, generator, part.Samples, cancellationToken);
        // Both rewrite manifests, so the state of the data is read after them. A job of hundreds of parts is read as a whole for the last
        // of them alone: its LISTs would otherwise grow with the square of its size.
        if (part.Generator is not null)
        {
            var (of, isWritten) = await _datasets.StateAsync(job, part, cancellationToken);
            if (!isWritten && !await WritePartAsync(job, part, of, cancellationToken)) return;
            if (!await _datasets.HaveAllRecordsAsync(job, cancellationToken)) return;
        }

        var read = await _progress.ReadAsync(job, cancellationToken);
        if ((await _datasets.FindAsync(job.Id, cancellationToken))?.Of == DatasetIdentity.Of(read)) return;
        if (part.Generator is null)
        {
            using var files = new DatasetFiles();
            var whole = await _parts.WriteAsync(job, part, files, cancellationToken);
            await RemoveEmptySplitsAsync(job, part, whole, cancellationToken);
            await FinishAsync(task, job, read, [whole], files, cancellationToken);
            return;
        }

        var parts = await _datasets.PartsAsync(job, read.Done, cancellationToken);
        if (!parts.AreAllWritten) return;
        using var summary = new DatasetFiles();
        var records = await Task.WhenAll(parts.All.Select(each => _datasets.ReadPartAsync(each.Key, cancellationToken)));
        await FinishAsync(task, job, read, records, summary, cancellationToken);
    }

    /// <returns>Whether the part is of the data as it is.</returns>
    private async Task<bool> WritePartAsync(Job job, DatasetPart part, string of, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        using var files = new DatasetFiles();
        var record = await _parts.WriteAsync(job, part, files, cancellationToken);
        await RemoveEmptySplitsAsync(job, part, record, cancellationToken);
        await files.StoreAsync(_store, job.Id, record.Files, cancellationToken);
        var control = await _log.ReadAsync(job.Id, cancellationToken);
        if (control.Deleted || (await _datasets.StateAsync(job, part, cancellationToken)).Of != of)
        {
            // Another worker may have recorded a newer part, whose files these have replaced.
            await _datasets.ForgetPartAsync(job.Id, part, cancellationToken: cancellationToken);
            Log.Overtaken(_logger);
            return false;
        }

        await _datasets.PutPartAsync(job.Id, part, of, record, cancellationToken);
        Log.PartWritten(_logger, record.Generators.Sum(static each => each.Samples), (long)_time.GetElapsedTime(start).TotalMilliseconds);
        return true;
    }

    /// <summary>Removes the tables of splits that an earlier dataset had samples of.</summary>
    private async Task RemoveEmptySplitsAsync(Job job, DatasetPart part, DatasetPartRecord record, CancellationToken cancellationToken)
    {
        var written = record.Files.Select(static file => file.Path).ToHashSet(StringComparer.Ordinal);
        string[] empty = [.. PartTables.PathsOf(job, part).Where(path => !written.Contains(path)).Select(path =>
            ObjectKeys.DatasetFile(job.Id, path))];
        if (empty.Length > 0) await _store.DeleteManyAsync(empty, cancellationToken);
    }

    private async Task FinishAsync(DatasetTask task, Job job, JobProgress read, DatasetPartRecord[] parts, DatasetFiles files,
        CancellationToken cancellationToken)
    {
        var facts = DatasetFacts.Of(job, read, parts);
        DataFile[] tables = [.. parts.SelectMany(static part => part.Files)];
        var about = await SummaryWriter.WriteAsync(facts, tables, files, cancellationToken);
        await files.StoreAsync(_store, job.Id, about, cancellationToken);
        var now = await _progress.ReadAsync(job, cancellationToken);
        var of = DatasetIdentity.Of(read);
        if (now.Control.Deleted || DatasetIdentity.Of(now) != of || await IsOvertakenAsync(task, cancellationToken))
        {
            await _datasets.ForgetAsync(job.Id, cancellationToken);
            Log.Overtaken(_logger);
            return;
        }

        await _datasets.PutAsync(job.Id,
            new DatasetRecord { Of = of, Samples = facts.Samples, Bytes = facts.Bytes, WrittenAt = _time.GetUtcNow(), Files = about },
            facts.Tables.InFolders ? tables : [], cancellationToken);
        Log.Written(_logger, facts.Samples, parts.Length);
    }

    /// <summary>Whether something was done to the job since the message was sent: the control plane sends other messages then.</summary>
    private async Task<bool> IsOvertakenAsync(DatasetTask task, CancellationToken cancellationToken)
    {
        var control = await _log.ReadAsync(task.JobId, cancellationToken);
        return control.Deleted || control.Unreadable is not null || control.Events.Count != task.Events;
    }

    private static partial class Log
    {
        public static readonly Func<ILogger, string, string, IDisposable?> Scope =
            LoggerMessage.DefineScope<string, string>("Job {JobId} dataset part {Part}");

        [LoggerMessage(1, LogLevel.Information, "The part of {Samples} samples was written in {Milliseconds} ms")]
        public static partial void PartWritten(ILogger logger, long samples, long milliseconds);

        [LoggerMessage(2, LogLevel.Information, "The dataset of {Samples} samples in {Parts} parts was written")]
        public static partial void Written(ILogger logger, long samples, int parts);

        [LoggerMessage(3, LogLevel.Information, "The job went on while its dataset was written; it is written again after the job's end")]
        public static partial void Overtaken(ILogger logger);

        [LoggerMessage(4, LogLevel.Information, "The message is dropped: its job was deleted or went on")]
        public static partial void Dropped(ILogger logger);

        [LoggerMessage(5, LogLevel.Error, "The part could not be written; the next try is in {Seconds} s")]
        public static partial void Failed(ILogger logger, Exception exception, double seconds);
    }
}
