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

    private static async Task<IResult> ListAsync(string? cursor, string? done, JobReader reader, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(cursor) && !JobReader.IsCursor(cursor))
            return Problem.Invalid(new ValidationError("cursor", $"cursor is '{cursor}'; allowed: that of a page's link, or none."));
        var page = await reader.ListAsync(JobsOnPage, string.IsNullOrEmpty(cursor) ? null : cursor, cancellationToken);
        return PageResult.Of<JobListPage>(new JobListModel(page.Items, page.NextCursor, RunMessages.Of(done)));
    }
}
