using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>At start, completes the sendings and removals that a former process left half done.</summary>
internal sealed partial class SubmissionResumer(
    JobStore jobs, JobEventLog log, Submissions submissions, BackendOptions engine, TimeProvider time, ILogger<SubmissionResumer> logger) : BackgroundService
{
    private const int PageSize = 100;
    // In a bucket of many jobs the older ones are left to the next look at them.
    private const int MaxPagesElsewhere = 1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // A local engine has one process; elsewhere another one may be at it, and has until then to give a sign of life.
            var alone = engine.Engine == BackendKind.Local;
            var patience = alone ? TimeSpan.Zero : JobSubmitter.Patience;
            await Task.Delay(patience, time, stoppingToken);
            string? cursor = null;
            var pages = 0;
            do
            {
                var (page, next) = await jobs.ListAsync(PageSize, cursor, stoppingToken);
                foreach (var job in page)
                {
                    stoppingToken.ThrowIfCancellationRequested();
                    if ((await log.ReadAsync(job.Id, stoppingToken)).Deleted) await submissions.RemoveAsync(job.Id, job.Record.Value);
                    else if (job.Record.Value is { } read) await submissions.ResumeLeftoverAsync(read, patience);
                }

                cursor = next;
            }
            while (cursor is not null && (alone || ++pages < MaxPagesElsewhere));
        }
#pragma warning disable CA1031 // Whatever the store or queue throws.
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // An API that can still show the other jobs is better than none.
            Log.Stopped(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The jobs could not all be looked through for half-sent ones")]
        public static partial void Stopped(ILogger logger, Exception exception);
    }
}
