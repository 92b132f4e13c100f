using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>At start, completes the submissions that a former process left half sent.</summary>
internal sealed partial class SubmissionResumer(JobStore jobs, Submissions submissions, ILogger<SubmissionResumer> logger) : BackgroundService
{
    private const int PageSize = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            string? cursor = null;
            do
            {
                var (page, next) = await jobs.ListAsync(PageSize, cursor, stoppingToken);
                foreach (var job in page)
                {
                    stoppingToken.ThrowIfCancellationRequested();
                    await submissions.ResumeLeftoverAsync(job);
                }

                cursor = next;
            }
            while (cursor is not null);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
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
