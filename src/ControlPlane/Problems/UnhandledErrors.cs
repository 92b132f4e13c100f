using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace VmDataset.ControlPlane.Problems;

/// <summary>What no handler foresaw: the cause goes to the log, its trace id to the client.</summary>
internal sealed partial class UnhandledErrors(IProblemDetailsService problems, ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // Kestrel's own refusals, such as a body cut short, carry their status.
        var status = (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        if (status >= 500) Log.Unhandled(logger, exception, httpContext.Request.Method, httpContext.Request.Path, ProblemWriter.TraceId(httpContext));
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails
            {
                Status = status,
                Detail = status < 500 ? exception.Message : "The server failed at this request; its log has the cause under this trace_id.",
            },
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed (trace {TraceId})")]
        public static partial void Unhandled(ILogger logger, Exception exception, string method, string path, string traceId);
    }
}
