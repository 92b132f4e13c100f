using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace VmDataset.ControlPlane.Http;

/// <summary>
/// Gives a problem document to what Kestrel refuses before there is a request to handle: a request line or headers that are
/// malformed or too large, <c>%00</c> in a path. Kestrel itself would answer with the status alone; it tells of such a request
/// by a diagnostic event, at which an answer can still be begun.
/// </summary>
internal sealed class EarlyProblems : IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static void Watch(IServiceProvider services) =>
        services.GetRequiredService<DiagnosticListener>().Subscribe(new EarlyProblems(), static (name, _, _) => name == BadRequest);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: BadRequest, Value: IFeatureCollection request }
            || request.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException refusal
            || request.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            // The streams of HTTP/2 share one connection, into which nothing may be written beside them.
            || request.Get<IHttp2StreamIdFeature>() is not null
            || request.Get<IHttpResponseBodyFeature>() is not { } start
            || request.Get<IConnectionTransportFeature>() is not { } connection)
        {
            return;
        }

        var body = Body(refusal);
        response.StatusCode = refusal.StatusCode;
        response.Headers.Clear();
        response.Headers.ContentType = "application/problem+json";
        response.Headers.ContentLength = body.Length;
        response.Headers.Connection = "close";
        SecurityHeaders.Set(response.Headers, isHttps: false, isSwagger: false);
        // Both go into the connection's own buffer, where a few hundred bytes have room: nothing is waited for. There is no
        // request yet, hence no writer of its answer's body; Kestrel flushes and closes.
        _ = start.StartAsync();
        if (!HttpMethods.IsHead(request.Get<IHttpRequestFeature>()?.Method ?? "")) connection.Transport.Output.Write(body);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static byte[] Body(BadHttpRequestException refusal) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["type"] = TypedResults.Problem(statusCode: refusal.StatusCode).ProblemDetails.Type ?? "about:blank",
        ["title"] = ReasonPhrases.GetReasonPhrase(refusal.StatusCode),
        ["status"] = refusal.StatusCode,
        ["detail"] = refusal.Message,
        ["trace_id"] = ActivityTraceId.CreateRandom().ToHexString(),
    });
}
