using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>
/// Makes exports that copy samples into shards, in steps of a message each: a plan, its parts, and the record by the worker that makes the
/// last part. Any step may be repeated, and two workers at the same one write the same bytes.
/// </summary>
internal sealed partial class ShardExporter
{
    private readonly ExportedDataset _dataset;
    private readonly ExportStore _exports;
    private readonly IObjectStore _store;
    private readonly IBatchQueue _queue;
    private readonly TimeProvider _time;
    private readonly ShardPlanner _planner;
    private readonly ShardMaker _maker;
    private readonly ILogger _logger;

    public ShardExporter(ExportedDataset dataset, DatasetRows rows, ExportStore exports, IObjectStore store, IBatchQueue queue,
        PartLimits limits, TimeProvider time, ILogger logger)
    {
        (_dataset, _exports, _store, _queue, _time, _logger) = (dataset, exports, store, queue, time, logger);
        (_planner, _maker) = (new ShardPlanner(rows, limits), new ShardMaker(store, dataset));
    }

    /// <param name="job">The job, whose dataset the export is of.</param>
    /// <param name="task">An export that is not made, or a part of it.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task RunAsync(Job job, ExportTask task, CancellationToken cancellationToken)
    {
        var parts = new ExportPartStore(_store, task);
        var plan = await parts.FindPlanAsync(cancellationToken);
        if (task.Part is { } part)
        {
            if (plan is null || part > plan.Parts || !await MakeAsync(job, task, part, plan, parts, cancellationToken)) return;
        }
        else
        {
            plan ??= await PlanAsync(job, task, parts, cancellationToken);
            if (plan is null) return;
        }

        var missing = await parts.MissingAsync(plan, cancellationToken);
        if (missing is null) await parts.ForgetAsync(cancellationToken);
        else if (missing.Count == 0) await FinishAsync(job, task, plan, parts, cancellationToken);
        else if (task.Part is null)
        {
            await _queue.SendAsync([.. missing.Select(each => new OutgoingMessage((task with { Part = each }).ToJson(), job.Id))],
                cancellationToken);
            Log.Planned(_logger, job.Id, task.Options.Id, plan.Samples, missing.Count, plan.Parts);
        }
    }

    private async Task<ExportPlan?> PlanAsync(Job job, ExportTask task, ExportPartStore parts, CancellationToken cancellationToken)
    {
        var (plan, problem) = await _planner.PlanAsync(job, task.Options, parts, cancellationToken);
        if (plan is { Samples: > 0 } && await _dataset.IsOfAsync(job, task.Of, cancellationToken)) return plan;
        await parts.ForgetAsync(cancellationToken);
        if (plan is { Samples: > 0 }) return null;
        problem ??= $"No sample {(task.Options.Split is null ? "of the dataset" : $"of the split '{task.Options.Split}'")} can be in it.";
        await _exports.PutAsync(job.Id, Record(task) with { Skipped = plan?.Skipped ?? 0, Problem = problem }, cancellationToken);
        return null;
    }

    /// <returns>Whether the part is made.</returns>
    private async Task<bool> MakeAsync(
        Job job, ExportTask task, int part, ExportPlan plan, ExportPartStore parts, CancellationToken cancellationToken)
    {
        if (await parts.FindPartAsync(part, cancellationToken) is not null) return true;
        if (await parts.FindPartPlanAsync(part, cancellationToken) is not { } partPlan) return false;
        var format = ShardFormat.Of(task.Options, plan.Files);
        if (await _maker.MakeAsync(job, task, partPlan, format, cancellationToken) is not { } record) return false;
        await parts.PutPartAsync(part, record, cancellationToken);
        Log.PartMade(_logger, job.Id, task.Options.Id, part, plan.Parts, record.Shards.Count);
        return true;
    }

    private async Task FinishAsync(Job job, ExportTask task, ExportPlan plan, ExportPartStore parts, CancellationToken cancellationToken)
    {
        List<ExportShard> shards = [];
        for (var part = 1; part <= plan.Parts; part++)
        {
            // Whoever made the last part at the same time may have finished, and removed them.
            if (await parts.FindPartAsync(part, cancellationToken) is not { } record) return;
            shards.AddRange(record.Shards);
        }

        List<DataFile> files = [];
        foreach (var (path, content) in ShardFormat.Of(task.Options, plan.Files).IndicesOf(shards))
            files.Add(await StoreAsync(job, $"{task.Options.Folder}/{path}", content, cancellationToken));
        files.AddRange(shards.Select(shard => new DataFile($"{task.Options.Folder}/{shard.Path}", shard.Bytes, shard.Sha256)));
        if (!await _dataset.IsOfAsync(job, task.Of, cancellationToken)) return;
        await RemoveOthersAsync(job, task, files, cancellationToken);
        var made = Record(task) with { Samples = plan.Samples, Skipped = plan.Skipped, Files = files };
        await _exports.PutAsync(job.Id, made, cancellationToken);
        await parts.ForgetAsync(cancellationToken);
        Log.Made(_logger, job.Id, task.Options.Id, plan.Samples, shards.Count);
    }

    private async Task<DataFile> StoreAsync(Job job, string path, byte[] content, CancellationToken cancellationToken)
    {
        await _store.PutAsync(ObjectKeys.DatasetFile(job.Id, path), new MemoryStream(content), cancellationToken: cancellationToken);
        return new DataFile(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Removes shards of an earlier state of the job, which had more of them.</summary>
    private async Task RemoveOthersAsync(Job job, ExportTask task, List<DataFile> files, CancellationToken cancellationToken)
    {
        var kept = files.Select(file => ObjectKeys.DatasetFile(job.Id, file.Path)).ToHashSet(StringComparer.Ordinal);
        var stored = _store.ListAsync(ObjectKeys.DatasetFile(job.Id, task.Options.Folder) + "/", cancellationToken: cancellationToken);
        var others = await stored.Select(static entry => entry.Key).Where(key => !kept.Contains(key)).ToListAsync(cancellationToken);
        if (others.Count > 0) await _store.DeleteManyAsync(others, cancellationToken);
    }

    private ExportRecord Record(ExportTask task) => new() { Options = task.Options, Of = task.Of, WrittenAt = _time.GetUtcNow() };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Job {JobId}: the export {Export} of {Samples} samples is planned, and {Missing} of its {Parts} parts were put on the queue")]
        public static partial void Planned(ILogger logger, string jobId, string export, long samples, int missing, int parts);

        [LoggerMessage(2, LogLevel.Information, "Job {JobId}: part {Part} of {Parts} of the export {Export} was made: {Shards} shards")]
        public static partial void PartMade(ILogger logger, string jobId, string export, int part, int parts, int shards);

        [LoggerMessage(3, LogLevel.Information, "Job {JobId}: the export {Export} of {Samples} samples in {Shards} shards was written")]
        public static partial void Made(ILogger logger, string jobId, string export, long samples, int shards);
    }
}
