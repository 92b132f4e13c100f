using VmDataset.ControlPlane.Auth.OpenId;

namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>Tells people of errors, on a page; whoever is not signed in is sent to the sign-in first.</summary>
internal sealed class ProblemPages : IProblemPage
{
    public Task WriteAsync(HttpContext http, ProblemDetails problem)
    {
        var status = problem.Status ?? http.Response.StatusCode;
        if (status == StatusCodes.Status401Unauthorized && CrossSite.IsRead(http.Request.Method) && !IsPart(http.Request))
        {
            http.Response.Headers.Remove("WWW-Authenticate");
            http.Response.Redirect(SignInPath(http));
            return Task.CompletedTask;
        }

        var errors = problem is HttpValidationProblemDetails invalid ? invalid.Errors.SelectMany(static field => field.Value).ToList() : [];
        var model = new ProblemModel(status, problem.Title ?? "Error", problem.Detail ?? "", errors, BackFrom(http.Request.Path),
            ProblemWriter.TraceId(http));
        return PageResult.Of<ProblemPage>(model, status).ExecuteAsync(http);
    }

    /// <summary>Whether a page asks for a part of itself, rather than a person for a page.</summary>
    public static bool IsPart(HttpRequest request) => request.Headers.ContainsKey("HX-Request");

    private static string SignInPath(HttpContext http)
    {
        var path = http.RequestServices.GetRequiredService<OpenIdSignIn>().HasExpired(http.Request) ? OpenIdSignIn.Path : "/sign-in";
        return path + QueryString.Create("return", http.Request.Path + http.Request.QueryString);
    }

    private static string BackFrom(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["jobs", "new", ..] => "/jobs/new",
            ["jobs", var id, _, ..] when JobId.IsValid(id) => $"/jobs/{id}",
            ["jobs", ..] => "/jobs",
            ["generators" or "operations", ..] => "/" + parts[0],
            _ => "/",
        };
    }
}
