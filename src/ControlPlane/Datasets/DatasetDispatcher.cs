using VmDataset.Pipeline.Datasets;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>
/// Has the workers write the dataset of a job that has ended: it puts a message on the queue for each part that is not written. The worker
/// that writes the last part completes the dataset.
/// </summary>
internal sealed partial class DatasetDispatcher(
    DatasetStore datasets, IBatchQueue queue, TimeProvider time, ILogger<DatasetDispatcher> logger)
{
    /// <summary>A message without an effect for so long is taken for lost. A message twice costs one LIST and one GET.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    // A part whose manifests are replaced after its message was sent may have been read before; pruning duplicates replaces many.
    private static readonly TimeSpan PauseAfterChange = TimeSpan.FromMinutes(1);

    /// <summary>Sends what is due.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress, which is settled.</param>
    /// <param name="cancellationToken">Ends it anywhere; the next call goes on.</param>
    /// <returns>Whether the dataset is written.</returns>
    public async Task<bool> DispatchAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if ((await datasets.FindAsync(job.Id, cancellationToken))?.Of == DatasetIdentity.Of(read)) return true;
        var parts = await datasets.PartsAsync(job, read.Done, cancellationToken);
        var last = await datasets.FindDispatchAsync(job.Id, cancellationToken);
        var events = read.Control.Events.Count;
        if (last?.Events != events) last = new DatasetDispatch(events, new Dictionary<string, DateTimeOffset>());
        var missing = parts.AreAllWritten ? parts.All.TakeLast(1) : parts.All.Where(static each => !each.IsWritten);
        var changes = read.Done.GroupBy(static each => each.Generator, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Max(static each => each.At), StringComparer.Ordinal);
        DateTimeOffset ChangedAt(DatasetPart part) => part.GeneratorsOf(job).Max(one => changes.GetValueOrDefault(one.Name));
        var due = missing.Where(each => IsDue(last.At(each.Part), ChangedAt(each.Part)))
            .Select(static each => each.Part).ToList();
        if (due.Count > 0) await SendAsync(job, due, last, cancellationToken);
        return false;
    }

    private async Task SendAsync(Job job, List<DatasetPart> due, DatasetDispatch last, CancellationToken cancellationToken)
    {
        var messages = due.Select(part => new OutgoingMessage(new DatasetTask(job.Id, part.Id, last.Events).ToJson(), job.Id));
        await queue.SendAsync([.. messages], cancellationToken);
        var sentAt = new Dictionary<string, DateTimeOffset>(last.SentAt);
        foreach (var part in due) sentAt[part.Id] = time.GetUtcNow();
        await datasets.PutDispatchAsync(job.Id, last with { SentAt = sentAt }, cancellationToken);
        Log.Sent(logger, job.Id, due.Count);
    }

    private bool IsDue(DateTimeOffset? sentAt, DateTimeOffset changedAt)
    {
        if (sentAt is not { } sent) return true;
        var age = time.GetUtcNow() - sent;
        return age >= Patience || (changedAt > sent && age >= PauseAfterChange);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Job {JobId}: {Parts} parts of its dataset were put on the queue")]
        public static partial void Sent(ILogger logger, string jobId, int parts);
    }
}
