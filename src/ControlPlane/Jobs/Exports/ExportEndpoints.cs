using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>Exports of a job's dataset for trainers and other programs.</summary>
internal static class ExportEndpoints
{
    public static void AddExports(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ExportStore>();
        builder.Services.AddSingleton<ExportService>();
    }

    public static void MapExports(this IEndpointRouteBuilder api)
    {
        var exports = api.MapJob("Samples");

        exports.MapPost("exports", CreateAsync).RequireRole(Role.Submit).WithName("create_export").WithSummary("Export a dataset")
            .WithDescription("Has workers write the files by which a trainer, or another program, reads the dataset: text that names the samples' files or, for the profiles webdataset and mds, shards that hold copies of the samples in a seeded shuffle. The same request again returns the same export; once the job's data has changed, it makes it anew. 202 while it is pending: GET /v1/jobs/{id}/exports shows when it is ready.")
            .Accepts<ExportRequest>("application/json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        exports.MapGet("exports", ListAsync).WithName("list_exports").WithSummary("List a dataset's exports")
            .WithDescription("All exports of the job, each with its state and its files.");
    }

    private static async Task<Results<Ok<ExportView>, Accepted<ExportView>, ProblemHttpResult>> CreateAsync(
        [AsParameters] JobRoute route, HttpRequest request, ProgressReader progress, DatasetViewer datasets, ExportService exports,
        CancellationToken cancellationToken)
    {
        var (id, job) = (route.Id, route.Job);
        var (body, problem) = await JsonBody.ReadAsync(request, ExportRequest.Example, optional: false, cancellationToken);
        if (body is not { } fields) return problem!;
        var (options, errors) = ExportRequest.Read(fields, job);
        if (options is null) return Problem.Invalid(errors);
        if (Refuse(job, ExportProfile.Find(options.Profile)!) is { } reason) return Problem.Of(StatusCodes.Status409Conflict, reason);

        var read = await progress.ReadAsync(job, cancellationToken);
        if (await datasets.ReadyAsync(job, read, cancellationToken) is not { } of)
        {
            var view = await datasets.ViewAsync(job, read, cancellationToken);
            return Problem.Of(StatusCodes.Status409Conflict,
                $"The dataset of job '{id}' is {view.State.ToString().ToLowerInvariant()} and the job {read.State.ToString().ToLowerInvariant()}; GET /v1/jobs/{id} shows under dataset when it is ready to be exported.");
        }

        if (await exports.MakeAsync(job, of, options, cancellationToken) is not { } export)
            return Problem.Of(StatusCodes.Status409Conflict,
                $"The job '{id}' has {ExportService.MaxPerJob} exports, the most it may have; allowed: one of those that GET /v1/jobs/{id}/exports lists, or one without base_path.");
        return export.State == ExportState.Ready ? TypedResults.Ok(export) : TypedResults.Accepted($"/v1/jobs/{id}/exports", export);
    }

    private static async Task<Results<Ok<Page<ExportView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, ProgressReader progress, DatasetViewer datasets, ExportService exports,
        CancellationToken cancellationToken)
    {
        var read = await progress.ReadAsync(route.Job, cancellationToken);
        var of = await datasets.ReadyAsync(route.Job, read, cancellationToken);
        return TypedResults.Ok(new Page<ExportView> { Items = await exports.ListAsync(route.Job, of, cancellationToken) });
    }

    private static string? Refuse(Job job, ExportProfile profile)
    {
        if (job.TotalSamples() > ExportService.MaxSamples)
            return string.Create(CultureInfo.InvariantCulture,
                $"The job has {job.TotalSamples():N0} samples; allowed: exports of up to {ExportService.MaxSamples:N0}. Split it into several jobs, or make the files from its tables, which docs/train.md describes.");
        if (profile.Format is null || profile.Format == job.OutputFormat) return null;
        return profile.Format == OutputFormat.Files
            ? $"The samples of job '{job.Id}' lie in tars (output_format webdataset), and the profile '{profile.Name}' names files; allowed: a job with output_format files. The same generators, seed and indices draw the same samples."
            : $"The samples of job '{job.Id}' lie in files (output_format files), and the profile '{profile.Name}' names tars; allowed: a job with output_format webdataset. The same generators, seed and indices draw the same samples.";
    }
}
