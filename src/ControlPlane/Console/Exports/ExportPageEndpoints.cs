using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Console.Runs;
using VmDataset.ControlPlane.Jobs.Exports;

namespace VmDataset.ControlPlane.Console.Exports;

/// <summary>A job's exports, and the form that makes one.</summary>
internal static class ExportPageEndpoints
{
    public static void MapExportPages(this IEndpointRouteBuilder pages)
    {
        var exports = pages.MapGroup("/jobs/{id}/exports").RequireRole(Role.Read);
        exports.MapGet("", GetAsync);
        exports.MapPost("", CreateAsync).RequireRole(Role.Submit);
    }

    private static async Task<IResult> GetAsync(string id, HttpRequest request, RunReader reader, JobExports exports,
        CancellationToken cancellationToken)
    {
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        var (made, isReady) = await exports.ListAsync(job, snapshot.Progress, cancellationToken);
        var model = new ExportModel
        {
            Job = view!,
            Record = job,
            Exports = made,
            IsReady = isReady,
            Message = RunMessages.Of(request.Query["done"]),
        };
        return ProblemPages.IsPart(request) ? PageResult.Of<ExportList>(model) : PageResult.Of<ExportPage>(model);
    }

    private static async Task<IResult> CreateAsync(string id, HttpRequest request, RunReader reader, JobExports exports,
        CancellationToken cancellationToken)
    {
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var job = snapshot.Job;
        var form = await request.ReadFormAsync(cancellationToken);
        var fields = FormFields.Object(ExportModel.TextFields.Select(name => (name, FormFields.Text(form[name])))
            .Concat(ExportModel.NumberFields.Select(name => (name, FormFields.Scalar(form[name])))));
        var (options, errors) = ExportRequest.Read(fields, job);
        ProblemHttpResult? refusal = null;
        if (options is not null)
        {
            (var export, refusal) = await exports.MakeAsync(job, options, cancellationToken);
            if (export is not null)
                return new SeeOther($"/jobs/{id}/exports?done={(export.State == ExportState.Ready ? "exported" : "export")}");
        }

        var (made, isReady) = await exports.ListAsync(job, snapshot.Progress, cancellationToken);
        return PageResult.Of<ExportPage>(new ExportModel
        {
            Job = view!,
            Record = job,
            Exports = made,
            IsReady = isReady,
            Errors = errors,
            Refusal = refusal?.ProblemDetails.Detail,
            Texts = form.ToDictionary(static field => field.Key, static field => field.Value.ToString()),
        }, refusal?.StatusCode ?? StatusCodes.Status400BadRequest);
    }
}
