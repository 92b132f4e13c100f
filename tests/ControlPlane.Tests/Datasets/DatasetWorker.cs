using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>The worker's processor of dataset messages, for applications without a worker: it does what their messages ask for.</summary>
internal static class DatasetWorker
{
    /// <summary>Writes the parts of all pending jobs that were sent and are not written.</summary>
    public static async Task WriteDatasetsAsync(this IServiceProvider services)
    {
        var token = TestContext.Current.CancellationToken;
        await foreach (var job in services.GetRequiredService<PendingJobs>().ListAsync(token)) await services.WriteDatasetAsync(job.JobId);
    }

    public static async Task WriteDatasetAsync(this IServiceProvider services, string jobId)
    {
        var token = TestContext.Current.CancellationToken;
        if (await services.GetRequiredService<DatasetStore>().FindDispatchAsync(jobId, token) is not { } dispatch) return;
        foreach (var part in dispatch.SentAt.Keys.Order(StringComparer.Ordinal)) await services.WritePartAsync(jobId, part, dispatch.Events);
    }

    public static async Task WritePartAsync(this IServiceProvider services, string jobId, string part, int events)
    {
        var processor = ActivatorUtilities.CreateInstance<DatasetTaskProcessor>(services, ActivatorUtilities.CreateInstance<ShardJoiner>(services), new WorkerOptions { ScratchDir = "", StateDir = "" });
        var task = new DatasetTask(jobId, part, events);
        await processor.ProcessAsync(new LeasedMessage(task.ToJson(), jobId, 1, "handle"), task, default);
    }
}
