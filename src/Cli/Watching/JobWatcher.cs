using VmDataset.Cli.Api;

namespace VmDataset.Cli.Watching;

/// <summary>Looks at a job until nothing more will come by itself. A job runs for minutes or hours: the way to the API may be gone for a
/// while.</summary>
internal sealed class JobWatcher(ApiClient api, TimeSpan pause)
{
    private const int MostFailedLooks = 30;
    private const int MostFailuresShown = 100;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly HashSet<(string, long, long, DateTimeOffset?)> _shown = [];
    private long _failed;

    /// <returns>The job as it ended.</returns>
    /// <exception cref="ApiException">The job is gone, or the API stayed away.</exception>
    public async Task<ApiAnswer<Job>> WatchAsync(string id, ApiAnswer<Job> answer, IProgressView view, CancellationToken cancellationToken)
    {
        while (true)
        {
            view.Show(answer.Value);
            await ShowFailuresAsync(id, answer.Value, view, cancellationToken);
            if (!IsUnderWay(answer.Value)) return answer;
            await Task.Delay(pause, cancellationToken);
            answer = await LookAsync(id, view, cancellationToken);
        }
    }

    // A preview has no dataset.
    private static bool IsUnderWay(Job job) =>
        job.IsActive || (job.Succeeded && job.Dataset is { State: not "ready", Problem: null });

    private async Task<ApiAnswer<Job>> LookAsync(string id, IProgressView view, CancellationToken cancellationToken)
    {
        for (var failedLooks = 1; ; failedLooks++)
        {
            try
            {
                return await api.GetAsync($"/v1/jobs/{id}", ApiJson.Default.Job, cancellationToken);
            }
            catch (ApiException exception) when (exception.MayPass || exception.InnerException is JsonException)
            {
                if (failedLooks == MostFailedLooks) throw;
                view.ShowAway(exception.Message);
                var wait = pause * Math.Min(failedLooks, LongestPause / (pause > TimeSpan.Zero ? pause : LongestPause));
                if (exception.RetryAfter is { } told && told > wait) wait = told < LongestWait ? told : LongestWait;
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            }
        }
    }

    private async Task ShowFailuresAsync(string id, Job job, IProgressView view, CancellationToken cancellationToken)
    {
        if (job.Samples.Failed <= _failed) return;
        try
        {
            var path = $"/v1/jobs/{id}/failures?limit={MostFailuresShown}";
            var page = await api.GetAsync(path, ApiJson.Default.FailurePage, cancellationToken);
            foreach (var failure in page.Value.Items)
            {
                if (_shown.Add((failure.Generator, failure.StartIndex, failure.Samples, failure.FailedAt))) view.Show(failure);
            }

            _failed = job.Samples.Failed;
        }
        catch (ApiException)
        {
            // They are asked for again at the next look, and the verb failures has them all.
        }
    }
}
