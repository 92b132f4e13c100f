using VmDataset.ControlPlane.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>The exports of a job as requests ask for them.</summary>
internal sealed class JobExports(ProgressReader progress, DatasetViewer datasets, ExportService exports)
{
    /// <summary>Makes an export, or shows it if it is there or asked for.</summary>
    /// <returns>The export, or why there can be none.</returns>
    public async Task<(ExportView? Export, ProblemHttpResult? Problem)> MakeAsync(
        Job job, ExportOptions options, CancellationToken cancellationToken)
    {
        if (Refuse(job, ExportProfile.Find(options.Profile)!) is { } reason) return (null, Conflict(reason));
        var read = await progress.ReadAsync(job, cancellationToken);
        if (await datasets.ReadyAsync(job, read, cancellationToken) is not { } of)
        {
            var view = await datasets.ViewAsync(job, read, cancellationToken);
            return (null, Conflict(
                $"The dataset of job '{job.Id}' is {view.State.ToString().ToLowerInvariant()} and the job {read.State.ToString().ToLowerInvariant()}; GET /v1/jobs/{job.Id} shows under dataset when it is ready to be exported."));
        }

        return await exports.MakeAsync(job, of, options, cancellationToken) is { } export ? (export, null)
            : (null, Conflict(
                $"The job '{job.Id}' has {ExportService.MaxPerJob} exports, the most it may have; allowed: one of those that GET /v1/jobs/{job.Id}/exports lists, or one without base_path."));
    }

    public async Task<IReadOnlyList<ExportView>> ListAsync(Job job, CancellationToken cancellationToken) =>
        (await ListAsync(job, await progress.ReadAsync(job, cancellationToken), cancellationToken)).Exports;

    /// <returns>All exports of the job, and whether its dataset is ready for others.</returns>
    public async Task<(IReadOnlyList<ExportView> Exports, bool IsReady)> ListAsync(
        Job job, JobProgress read, CancellationToken cancellationToken)
    {
        var of = await datasets.ReadyAsync(job, read, cancellationToken);
        return (await exports.ListAsync(job, of, cancellationToken), of is not null);
    }

    private static ProblemHttpResult Conflict(string reason) => Problem.Of(StatusCodes.Status409Conflict, reason);

    private static string? Refuse(Job job, ExportProfile profile)
    {
        if (job.TotalSamples() > ExportService.MaxSamples)
            return string.Create(CultureInfo.InvariantCulture,
                $"The job has {job.TotalSamples():N0} samples; allowed: exports of up to {ExportService.MaxSamples:N0}. Split it into several jobs, or make the files from its tables, which docs/train.md describes.");
        if (profile.Takes(job.OutputFormat)) return null;
        return profile.Format == OutputFormat.Files
            ? $"The samples of job '{job.Id}' lie in tars (output_format webdataset), and the profile '{profile.Name}' names files; allowed: a job with output_format files. The same generators, seed and indices draw the same samples."
            : $"The samples of job '{job.Id}' lie in files (output_format files), and the profile '{profile.Name}' names tars; allowed: a job with output_format webdataset. The same generators, seed and indices draw the same samples.";
    }
}
