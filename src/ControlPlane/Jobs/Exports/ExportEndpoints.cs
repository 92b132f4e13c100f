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
        builder.Services.AddSingleton<JobExports>();
    }

    public static void MapExports(this IEndpointRouteBuilder api)
    {
        var exports = api.MapJob("Samples");

        exports.MapPost("exports", CreateAsync).RequireRole(Role.Submit).WithName("create_export").WithSummary("Export a dataset")
            .WithDescription("Has workers write the files by which a trainer, or another program, reads the dataset: text that names the samples' files or, for the profiles webdataset and mds, shards that hold copies of the samples in a seeded shuffle. The same request again returns the same export; once the job's data has changed, it makes it anew. 202 while it is pending: GET /v1/jobs/{id}/exports shows when it is ready.")
            .AcceptsJson<ExportRequest>(ExportRequest.Example);

        exports.MapGet("exports", ListAsync).WithName("list_exports").WithSummary("List a dataset's exports")
            .WithDescription("All exports of the job, each with its state and its files.");
    }

    private static async Task<Results<Ok<ExportView>, Accepted<ExportView>, ProblemHttpResult>> CreateAsync(
        [AsParameters] JobRoute route, HttpRequest request, JobExports exports, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ExportRequest.Example, optional: false, cancellationToken);
        if (body is not { } fields) return problem!;
        var (options, errors) = ExportRequest.Read(fields, route.Job);
        if (options is null) return Problem.Invalid(errors);
        var (export, refusal) = await exports.MakeAsync(route.Job, options, cancellationToken);
        if (export is null) return refusal!;
        return export.State == ExportState.Ready ? TypedResults.Ok(export)
            : TypedResults.Accepted($"/v1/jobs/{route.Id}/exports", export);
    }

    private static async Task<Results<Ok<Page<ExportView>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobRoute route, JobExports exports, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<ExportView> { Items = await exports.ListAsync(route.Job, cancellationToken) });
}
