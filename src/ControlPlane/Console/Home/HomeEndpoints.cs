using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Console.Home;

/// <summary>The first page, and the list of all jobs.</summary>
internal static class HomeEndpoints
{
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

    private static async Task<IResult> ListAsync(string? cursor, JobReader reader, CancellationToken cancellationToken) =>
        cursor is not null && !JobReader.IsCursor(cursor)
            ? Problem.Invalid(new ValidationError("cursor", $"cursor is '{cursor}'; allowed: that of a page's link, or none."))
            : PageResult.Of<JobListPage>(await reader.ListAsync(50, cursor, cancellationToken));
}
