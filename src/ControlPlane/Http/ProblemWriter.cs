using Microsoft.AspNetCore.Diagnostics;

namespace VmDataset.ControlPlane.Http;

/// <summary>Writes every error answer, of a page as a page. Elsewhere it ignores Accept: a client that asks for a video needs the reason
/// too.</summary>
internal sealed class ProblemWriter(IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json) : IProblemDetailsWriter
{
    private static readonly string[] ForPrograms = ["/v1", "/openapi", "/health", "/metrics"];

    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var response = context.HttpContext.Response;
        problem.Status ??= response.StatusCode;
        Complete(problem, problem.Status.Value);
        problem.Extensions["trace_id"] = TraceId(context.HttpContext);
        response.StatusCode = problem.Status.Value;
        if (problem.Extensions.TryGetValue(Problem.RetryAfterSeconds, out var seconds)) response.Headers.RetryAfter = $"{seconds}";
        if (PageOf(context.HttpContext) is { } page) return new(page.WriteAsync(context.HttpContext, problem));
        return new(response.WriteAsJsonAsync(problem, problem.GetType(), json.Value.SerializerOptions, "application/problem+json",
            context.HttpContext.RequestAborted));
    }

    /// <summary>The id that the log names this request by.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static IProblemPage? PageOf(HttpContext http)
    {
        // The handler of exceptions has taken the endpoint away, and kept it.
        if ((http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint) is { } endpoint)
            return endpoint.Metadata.GetMetadata<IProblemPage>();
        // A person who mistypes an address gets a page with a way back.
        return IsPerson(http.Request) ? http.RequestServices.GetService<IProblemPage>() : null;
    }

    private static bool IsPerson(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && !Array.Exists(ForPrograms, path => request.Path.StartsWithSegments(path))
        && request.Headers.Accept.Any(static accept => accept?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true);

    private static void Complete(Microsoft.AspNetCore.Mvc.ProblemDetails problem, int status)
    {
        var defaults = TypedResults.Problem(statusCode: status).ProblemDetails;
        problem.Type ??= defaults.Type ?? "about:blank";
        problem.Title ??= defaults.Title;
    }
}
