using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>Has workers make exports, and shows them.</summary>
internal sealed class ExportService(ExportStore exports, IBatchQueue queue, FileLinks links, TimeProvider time)
{
    /// <summary>A job has no more exports than this: a request may name any base path and any split.</summary>
    public const int MaxPerJob = 32;

    /// <summary>An export reads all rows in one go, within the time that a worker has on Lambda.</summary>
    public const long MaxSamples = 1_000_000;

    // A message without an effect for so long is taken for lost. A message twice costs a worker a few reads.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>Returns the export if it is there or asked for, else asks a worker for it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="of">Its dataset.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="cancellationToken">Ends it anywhere; the same call again goes on.</param>
    /// <returns>The export; null if the job has as many others as it may have.</returns>
    public async Task<ExportView?> MakeAsync(Job job, DatasetRecord of, ExportOptions options, CancellationToken cancellationToken)
    {
        var request = await exports.FindRequestAsync(job.Id, options.Id, cancellationToken);
        var made = await exports.FindAsync(job.Id, options.Id, cancellationToken);
        var isMade = made?.Of == of.Of && made.Problem is null;
        var isAnswered = made?.Of == of.Of && made.WrittenAt >= request?.SentAt;
        var isSent = request?.Of == of.Of && time.GetUtcNow() - request.SentAt < Patience && !isAnswered;
        if (isMade || isSent) return View(job, of, options, request, made);
        if (request is null && (await exports.AllAsync(job.Id, cancellationToken)).Count >= MaxPerJob) return null;
        // The message first: a record of a message that was not sent would be waited for.
        request = new ExportRequestRecord(options, of.Of, time.GetUtcNow());
        await queue.SendAsync([new OutgoingMessage(new ExportTask(job.Id, options, of.Of).ToJson(), job.Id)], cancellationToken);
        await exports.PutRequestAsync(job.Id, request, cancellationToken);
        return View(job, of, options, request, made);
    }

    /// <param name="job">The job.</param>
    /// <param name="of">Its dataset; null while there is none of all its data.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task<IReadOnlyList<ExportView>> ListAsync(Job job, DatasetRecord? of, CancellationToken cancellationToken)
    {
        var all = await exports.AllAsync(job.Id, cancellationToken);
        return [.. all.Select(each => (each.Request?.Options ?? each.Made?.Options) is { } options
            ? View(job, of, options, each.Request, each.Made) : null).OfType<ExportView>()];
    }

    private ExportView View(Job job, DatasetRecord? of, ExportOptions options, ExportRequestRecord? request, ExportRecord? made)
    {
        // A failure that was told of before the export was asked for again is overtaken.
        if (made?.Problem is not null && request?.SentAt > made.WrittenAt) made = null;
        var isPending = request?.Of == of?.Of && made?.Of != of?.Of;
        var view = new ExportView
        {
            Id = options.Id,
            Profile = options.Profile,
            BasePath = options.BasePath,
            Split = options.Split,
            Shards = options.Shards switch
            {
                null => null,
                ShardOrder.Mixed => ExportRequest.Mixed,
                _ => ExportRequest.ByGenerator,
            },
            ShardBytes = options.ShardBytes,
            Seed = options.Seed,
            State = isPending ? ExportState.Pending : made?.Of != of?.Of || made is null ? ExportState.Outdated
                : made.Problem is null ? ExportState.Ready : ExportState.Failed,
            Usage = options.Usage(job),
        };
        if (made is null || isPending) return view;
        return view with
        {
            Samples = made.Samples,
            Skipped = made.Skipped,
            Problem = made.Problem,
            Files = [.. made.Files.Select(file => new DownloadView
            {
                Path = file.Path,
                Bytes = file.Bytes,
                Sha256 = file.Sha256,
                Url = links.To(job.Id, ObjectKeys.DatasetFile(job.Id, file.Path)),
            })],
        };
    }
}
