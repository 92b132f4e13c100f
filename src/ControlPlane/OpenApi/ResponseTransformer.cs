using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>Explains each status of an operation.</summary>
internal static class ResponseTransformer
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.Responses is not { } responses) return Task.CompletedTask;
        if (responses.GetValueOrDefault("500") is OpenApiResponse failed)
        {
            // Every operation that can fail may find the store or the queue out of reach.
            responses.TryAdd("503", new OpenApiResponse { Content = failed.Content });
            // Before an operation is chosen, or by the server itself: 405, 408, 411, 414, 431 and 505, the same everywhere.
            responses.TryAdd("default", new OpenApiResponse { Content = failed.Content });
        }

        foreach (var (status, response) in responses) response.Description = Meaning(status) ?? response.Description;
        if (responses.GetValueOrDefault("202") is OpenApiResponse { Content.Count: > 0 } accepted)
            accepted.Headers = Header("Location", "The job's path.", JsonSchemaType.String);
        if (responses.GetValueOrDefault("429") is OpenApiResponse tooMany) tooMany.Headers = RetryAfter();
        if (responses.GetValueOrDefault("503") is OpenApiResponse later
            && later.Content?.ContainsKey("application/problem+json") == true) later.Headers = RetryAfter();
        return Task.CompletedTask;
    }

    private static Dictionary<string, IOpenApiHeader> RetryAfter() => Header("Retry-After", "Seconds to wait.", JsonSchemaType.Integer);

    private static Dictionary<string, IOpenApiHeader> Header(string name, string description, JsonSchemaType type) => new()
    {
        [name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = type } },
    };

    private static string? Meaning(string status) => status switch
    {
        "200" => "OK.",
        "201" => "Created.",
        "202" => "Accepted; the work goes on.",
        "204" => "No content.",
        "206" => "The part of the file that the header Range asks for.",
        "302" => "The header Location has the file's address at the store.",
        "304" => "The file is unchanged since the version that the request names.",
        "400" => "The request is wrong; errors names every wrong field, its value and the allowed values.",
        "401" => "The request has no credential, or an invalid one; detail gives the reason. A server that needs no credentials never answers this.",
        "403" => "The caller's role does not suffice, or its quota of jobs is 0.",
        "404" => "Not found.",
        "409" => "The present state does not allow the operation; detail gives the reason.",
        "413" => "The body is larger than 1 MiB.",
        "415" => "The header Content-Type is not JSON in UTF-8.",
        "416" => "The file has no such part.",
        "422" => "The Idempotency-Key was used for another request.",
        "429" => "The caller made too many requests or has too much unfinished work; the header Retry-After gives the seconds to wait.",
        "500" => "The server failed; its log has the cause under trace_id.",
        "502" => "A service that the answer depends on failed or is out of reach; the server's log has the cause under trace_id.",
        "503" => "The store or the queue is out of reach, a health check is unhealthy, or too many streams are open.",
        "default" => "Any other error, as a problem document: 405 for a method that the path does not have, 408 for a body that arrives too slowly, 414 or 431 for a URL or headers that are too long.",
        _ => null,
    };
}
