using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Settings;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Hosting;

/// <summary>A poller that cannot reach its bucket would take every message of the queue in vain and so bury it.</summary>
internal sealed class ReachCheck(IBatchQueue queue, IObjectStore store)
{
    /// <exception cref="StartUpException">The queues or the bucket cannot be used.</exception>
    public async Task RunAsync()
    {
        try
        {
            await queue.GetDepthAsync();
        }
        catch (Exception exception) when (exception is IOException)
        {
            throw new StartUpException($"The queues (SQS_QUEUE_URL, SQS_DLQ_URL) cannot be used: {exception.Message}", exception);
        }

        try
        {
            await foreach (var _ in store.ListAsync(ObjectKeys.SubmittedPrefix)) break;
        }
        catch (IOException exception)
        {
            throw new StartUpException($"The bucket (OUTPUT_BUCKET) cannot be used: {exception.Message}", exception);
        }
    }
}
