namespace VmDataset.ControlPlane.Http;

/// <summary>
/// Writes every error answer there is. It takes no notice of Accept: a client that asks for a video and gets an error
/// is better served by the reason than by nothing.
/// </summary>
internal sealed class ProblemWriter(IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json) : IProblemDetailsWriter
{
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
        return new(response.WriteAsJsonAsync(problem, problem.GetType(), json.Value.SerializerOptions, "application/problem+json",
            context.HttpContext.RequestAborted));
    }

    /// <summary>The id that the log names this request by.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static void Complete(Microsoft.AspNetCore.Mvc.ProblemDetails problem, int status)
    {
        var defaults = TypedResults.Problem(statusCode: status).ProblemDetails;
        problem.Type ??= defaults.Type ?? "about:blank";
        problem.Title ??= defaults.Title;
    }
}
