using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Console.Runs;
using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>The first page, and the list of all jobs.</summary>
internal static class HomeEndpoints
{
    private const int JobsOnPage = 50;

    public static void MapHome(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", GetAsync).RequireRole(Role.Read);
        pages.MapGet("/jobs", ListAsync).RequireRole(Role.Read);
    }

    private static async Task<IResult> GetAsync(HttpRequest request, HomeReader reader, CancellationToken cancellationToken)
    {
        var model = await reader.ReadAsync(cancellationToken);
        return ProblemPages.IsPart(request) ? PageResult.Of<HomeLive>(model) : PageResult.Of<HomePage>(model);
    }

    private static async Task<IResult> ListAsync(string? cursor, string? state, string? tag, string? done, JobReader reader,
        CancellationToken cancellationToken)
    {
        // A form sends its empty fields too.
        var query = new JobQuery { Cursor = Said(cursor), State = Said(state), Tag = Said(tag) };
        List<ValidationError> errors = [];
        query.Read(errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var page = await reader.ListAsync(JobsOnPage, query.Cursor, query.Filter, cancellationToken);
        return PageResult.Of<JobListPage>(new JobListModel(page.Items, query.State, query.Tag, page.NextCursor, RunMessages.Of(done)));
    }

    private static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
