using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Jobs.Events;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>Says what each status means, instead of its name.</summary>
internal static class ResponseTransformer
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        // Whatever reads the store or the queue may find it out of reach; what can fail at all does.
        if (operation.Responses?.GetValueOrDefault("500") is OpenApiResponse failed) operation.Responses.TryAdd("503", new OpenApiResponse { Content = failed.Content });
        // Before an operation is chosen, or by the server itself: 405, 408, 411, 414, 431 and 505, the same everywhere.
        if (operation.Responses?.GetValueOrDefault("500") is OpenApiResponse problem) operation.Responses.TryAdd("default", new OpenApiResponse { Content = problem.Content });
        foreach (var (status, response) in operation.Responses ?? [])
            response.Description = Meaning(status) ?? response.Description;
        if (operation.Responses?.GetValueOrDefault("200") is OpenApiResponse { Content: { } content } && content.TryGetValue(EventEndpoints.ContentType, out var stream))
            stream.Example = EventEndpoints.Example;
        if (operation.Responses?.GetValueOrDefault("202") is OpenApiResponse { Content.Count: > 0 } accepted)
        {
            accepted.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Location"] = new OpenApiHeader { Description = "The job's path.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }

        if (operation.Responses?.GetValueOrDefault("429") is OpenApiResponse tooMany) tooMany.Headers = RetryAfter;
        if (operation.Responses?.GetValueOrDefault("503") is OpenApiResponse later && later.Content?.ContainsKey("application/problem+json") == true) later.Headers = RetryAfter;
        return Task.CompletedTask;
    }

    private static Dictionary<string, IOpenApiHeader> RetryAfter => new()
    {
        ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
    };

    private static string? Meaning(string status) => status switch
    {
        "200" => "Here it is.",
        "201" => "Made.",
        "202" => "Accepted: it is done, or on its way.",
        "204" => "Done; there is nothing to say.",
        "206" => "The part that the header Range asked for.",
        "302" => "The store gives the file itself, at the place in the header Location.",
        "304" => "Unchanged since the version that the request names.",
        "400" => "The request is wrong: errors names every field, what was there and what is allowed.",
        "401" => "There is no credential, or it does not hold: detail says why. Where no credentials are needed, this is never answered.",
        "403" => "The caller's role does not suffice, or its quota of jobs is 0.",
        "404" => "There is no such thing.",
        "409" => "Not possible as things stand; the detail says why.",
        "413" => "The body is larger than 1 MiB.",
        "415" => "The body is not JSON in UTF-8 by its Content-Type.",
        "416" => "The file has no such part.",
        "422" => "The Idempotency-Key was used for another request.",
        "429" => "The caller made too many requests, or has too much unfinished work; the header Retry-After says for how many seconds to wait.",
        "500" => "The server failed; its log has the cause under the answer's trace_id.",
        "502" => "A service that the answer depends on cannot be reached, or refused; the server's log has the cause under the answer's trace_id.",
        "503" => "Not now: the store or the queue cannot be reached, a check is unhealthy, or there is no room for another stream.",
        "default" => "Any other refusal, such as 405 for a method that the path has not, 408 for a body that comes too slowly, 414 and 431 for a URL or headers that are too long: a problem document too.",
        _ => null,
    };
}
