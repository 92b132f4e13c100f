using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.Http;

/// <summary>The schema of every error answer, as <see cref="ProblemWriter"/> completes it.</summary>
internal static class ProblemSchema
{
    public static void Describe(OpenApiSchema problem)
    {
        problem.Description = "An error (RFC 9457).";
        problem.Properties!.Remove("instance");
        problem.Required = new HashSet<string> { "type", "title", "status", "trace_id" };
        problem.Properties["trace_id"] = new OpenApiSchema { Type = JsonSchemaType.String };
        foreach (var (name, property) in problem.Properties)
        {
            property.Description = name switch
            {
                "type" => "Identifies the kind of problem.",
                "title" => "The status in words.",
                "status" => "The HTTP status.",
                "detail" => "The error and the allowed values, in a sentence.",
                "errors" => "The errors of each field, with the allowed values; generators[3] is the fourth generator, body the whole body.",
                "trace_id" => "Identifies the request in the server's log.",
                _ => property.Description,
            };
        }
    }
}
