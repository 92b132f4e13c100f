using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Http;

/// <summary>What no handler foresaw: the cause goes to the log, its trace id to the client.</summary>
internal sealed partial class UnhandledErrors(IProblemDetailsService problems, ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var status = exception switch
        {
            // Kestrel's own refusals, such as a body cut short, carry their status.
            BadHttpRequestException refusal => refusal.StatusCode,
            // The client is gone: nobody reads the answer, and no store is to blame.
            ConnectionResetException => StatusCodes.Status400BadRequest,
            // A ServiceUnreachableException, or a stream of the store that broke off.
            IOException => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (status >= 500) Log.Unhandled(logger, exception, httpContext.Request.Method, httpContext.Request.Path,
            ProblemWriter.TraceId(httpContext));
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = Describe(status, exception),
        });
    }

    private static ProblemDetails Describe(int status, Exception exception) => status switch
    {
        < 500 => new ProblemDetails { Status = status, Detail = exception.Message },
        StatusCodes.Status503ServiceUnavailable when DiskFull.Is(exception) =>
            Problem.NotNow("The server's disk is full, so nothing can be written. Make room, or delete jobs: DELETE /v1/jobs/ID works.",
            TryAgain).ProblemDetails,
        StatusCodes.Status503ServiceUnavailable when exception is ServiceUnavailableException =>
            Problem.NotNow(exception.Message, TryAgain).ProblemDetails,
        StatusCodes.Status503ServiceUnavailable => Problem.NotNow(
            "The store or the queue cannot be reached, or refused; the server's log has the cause under this trace_id. Try again.",
            TryAgain).ProblemDetails,
        _ => new ProblemDetails
        {
            Status = status,
            Detail =
            "The server failed at this request; its log has the cause under this trace_id."
        },
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed (trace {TraceId})")]
        public static partial void Unhandled(ILogger logger, Exception exception, string method, string path, string traceId);
    }
}
