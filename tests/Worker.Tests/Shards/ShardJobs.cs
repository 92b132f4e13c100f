using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Exports;
using VmDataset.Worker.Shards;

namespace VmDataset.Worker.Tests.Shards;

/// <summary>Jobs that are drawn and whose datasets are written, for exports that copy their samples.</summary>
internal static class ShardJobs
{
    public const int Samples = 12;

    // A failure is told of then.
    private const int LastReceive = 3;

    // A dot in a generator's name ends a key for a reader that does not look for the last slash.
    private static readonly IReadOnlyList<JobGenerator> Generators =
        [new("one.of-two") { Generator = "ok-generator" }, new("two-of-two") { Generator = "ok-generator" }];

    public static Job Job(string id, OutputFormat format, int batchSize, string? splits = null) => new()
    {
        Id = id,
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = Generators,
        StartIndex = 0,
        Samples = Samples,
        BatchSize = batchSize,
        Seed = 1000,
        OutputFormat = format,
        Splits = splits is null ? null : SplitPlan.Read("splits", JsonElement.Parse(splits), static (_, message) => throw new InvalidOperationException(message)),
    };

    /// <summary>Options with shards so small that there are several.</summary>
    public static ExportOptions Options(string profile, long shardBytes, ShardOrder order = ShardOrder.Mixed, string? split = null, int seed = 0) =>
        new(profile, Split: split, Shards: order, ShardBytes: shardBytes, Seed: seed);

    /// <summary>Draws a job and writes its dataset.</summary>
    public static async Task<Job> DrawnAsync(this WorkerHarness worker, Job job)
    {
        await worker.Store.PutJsonAsync(ObjectKeys.Job(job.Id), job);
        foreach (var generator in job.Generators)
            foreach (var range in job.Range(generator).Split(job.BatchSize))
                (await worker.ProcessAsync(BatchMessage.For(job, generator, range))).ShouldBe(BatchOutcome.Acknowledge);
        await worker.WriteDatasetAsync(job);
        return job;
    }

    public static async Task WriteDatasetAsync(this WorkerHarness worker, Job job)
    {
        var task = new DatasetTask(job.Id, DatasetPart.Of(job)[0].Id, Events: 0);
        (await worker.Get<DatasetTaskProcessor>().ProcessAsync(Leased(task.ToJson()), task, default)).ShouldBe(BatchOutcome.Acknowledge);
    }

    /// <summary>The message that asks for an export.</summary>
    public static async Task<ExportTask> TaskAsync(this WorkerHarness worker, Job job, ExportOptions options) =>
        new(job.Id, options, (await worker.Get<DatasetStore>().FindAsync(job.Id))!.Of);

    /// <summary>Makes an export, all messages of which are processed, and returns its files by their paths below its folder.</summary>
    public static async Task<SortedDictionary<string, byte[]>> ExportedAsync(this WorkerHarness worker, Job job, ExportOptions options, PartLimits? limits = null)
    {
        var processor = worker.Exporter(limits);
        (await processor.ProcessAsync(await worker.TaskAsync(job, options))).ShouldBe(BatchOutcome.Acknowledge);
        await worker.DrainExportsAsync(processor);
        var made = await worker.Get<ExportStore>().FindAsync(job.Id, options.Id);
        made.ShouldNotBeNull();
        made.Problem.ShouldBeNull();
        return await worker.ExportFilesAsync(job, options);
    }

    public static ExportTaskProcessor Exporter(this WorkerHarness worker, PartLimits? limits = null) =>
        ActivatorUtilities.CreateInstance<ExportTaskProcessor>(worker.Get<IServiceProvider>(), limits ?? PartLimits.Default);

    public static Task<BatchOutcome> ProcessAsync(this ExportTaskProcessor processor, ExportTask task, BatchBounds bounds = default, int receiveCount = 1) =>
        processor.ProcessAsync(Leased(task.ToJson()) with { ReceiveCount = receiveCount }, task, bounds);

    /// <summary>The messages of parts on the queue, which are taken from it.</summary>
    public static async Task<IReadOnlyList<ExportTask>> TakePartsAsync(this WorkerHarness worker)
    {
        List<ExportTask> tasks = [];
        while (await worker.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                // Shards of a few samples are smaller than any that may be asked for.
                tasks.Add(JsonSerializer.Deserialize<ExportTask>(message.Body, WireJson.Options)!);
                await worker.Queue.DeleteAsync(message);
            }
        }

        return tasks;
    }

    public static async Task DrainExportsAsync(this WorkerHarness worker, ExportTaskProcessor processor)
    {
        foreach (var task in await worker.TakePartsAsync()) (await processor.ProcessAsync(task, receiveCount: LastReceive)).ShouldBe(BatchOutcome.Acknowledge);
    }

    public static async Task<SortedDictionary<string, byte[]>> ExportFilesAsync(this WorkerHarness worker, Job job, ExportOptions options)
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        var prefix = $"{ObjectKeys.DataPrefix(job.Id)}{options.Folder}/";
        foreach (var key in await worker.KeysAsync(prefix)) files[key[prefix.Length..]] = await worker.BytesAsync(key);
        return files;
    }

    public static async Task<byte[]> BytesAsync(this WorkerHarness worker, string key)
    {
        using var found = (await worker.Store.GetAsync(key))!;
        var content = new MemoryStream();
        await found.Content.CopyToAsync(content);
        return content.ToArray();
    }

    private static LeasedMessage Leased(string body) => new(body, "test", 1, "handle");
}
