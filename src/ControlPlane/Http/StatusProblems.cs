namespace VmDataset.ControlPlane.Http;

/// <summary>Gives a body to the error answers that the framework leaves empty.</summary>
internal static class StatusProblems
{
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response.StatusCode < 400 || HasBody(http.Response)) return;
        http.Response.ContentType = null;
        http.Response.ContentLength = null;
        var service = http.RequestServices.GetRequiredService<IProblemDetailsService>();
        await service.WriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = new ProblemDetails { Status = http.Response.StatusCode, Detail = ErrorDetail.Of(http) ?? Detail(http) },
        });
    }

    // Lambda's server keeps an answer until its end and never says that it has started: then the type tells. An unsatisfiable
    // range leaves the file's type behind too, with a length of 0.
    private static bool HasBody(HttpResponse response) => response.HasStarted
        || (response.ContentType is not null && response.ContentLength != 0);

    private static string? Detail(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {http.Request.Path}; /openapi/v1.json lists what there is.",
        StatusCodes.Status405MethodNotAllowed =>
            $"{http.Request.Method} is not possible at {http.Request.Path}; allowed: {http.Response.Headers.Allow}.",
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType(http.Request),
        StatusCodes.Status416RangeNotSatisfiable => $"Range is {http.Request.Headers.Range}; allowed: bytes within the file.",
        _ => null,
    };

    public static string UnsupportedMediaType(HttpRequest request) =>
        $"Content-Type is {(string.IsNullOrEmpty(request.ContentType) ? "missing" : request.ContentType)}; allowed: application/json, in UTF-8.";
}
