using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Batches;
using VmDataset.ControlPlane.Jobs.Control;
using VmDataset.ControlPlane.Jobs.Previews;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Settings;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>What the types themselves cannot say.</summary>
internal static class SchemaTransformer
{
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (context.JsonPropertyInfo is not null) return Task.CompletedTask;
        if (type == typeof(JobRequest)) DescribeRequest(schema);
        else if (type == typeof(PreviewRequest)) DescribePreview(schema);
        else if (type == typeof(RetryRequest) || type == typeof(KeyRequest)) schema.AdditionalPropertiesAllowed = false;
        else if (typeof(ProblemDetails).IsAssignableFrom(type)) DescribeProblem(schema);
        return Task.CompletedTask;
    }

    /// <summary>What only shows once all schemas are there.</summary>
    public static Task Complete(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var (name, schema) in (document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>()).Select(static each => (each.Key, (OpenApiSchema)each.Value)))
        {
            // Written by converters, of which the generator of this document knows nothing.
            if (name is nameof(ParameterSet) or nameof(ParameterSchema)) schema.Type = JsonSchemaType.Object;
            else if (name == nameof(JobSpecView)) ((OpenApiSchema)schema.Properties!["generators"]).Items = Choice();
            if (schema.Enum is { Count: > 0 }) DescribeWords(name, schema);
            // Requests may give null for what they leave out; answers just leave it out.
            else if (name is not (nameof(JobRequest) or nameof(RetryRequest) or nameof(KeyRequest) or nameof(PreviewRequest))) RemoveNulls(schema);
        }

        return Task.CompletedTask;
    }

    private static void DescribeWords(string name, OpenApiSchema words)
    {
        words.Type = JsonSchemaType.String;
        words.Description = name switch
        {
            nameof(JobState) => "How a job, or a generator in it, stands.",
            nameof(BatchState) => "How a batch stands.",
            nameof(JobEventType) => "What was done to a job.",
            nameof(BudgetScope) => "Whose failures a failure budget counts.",
            nameof(TrialState) => "Whether a generator was tried.",
            nameof(TrialFailure) => "Why the check of a generator failed.",
            nameof(Role) => "What a caller may do; each role includes the ones before it.",
            nameof(DeliveryState) => "Whether a webhook's receiver has been told.",
            nameof(DatasetState) => "Whether a job's files are a dataset yet.",
            nameof(BackendKind) => "What queues, stores and works.",
            nameof(HealthStatus) => "How a check, or the whole process, stands.",
            _ => words.Description,
        };
    }

    private static void DescribePreview(OpenApiSchema request)
    {
        request.AdditionalPropertiesAllowed = false;
        request.Properties!["parameters"] = new OpenApiSchema
        {
            Description = "What is set of the generator, as in a job.",
            Type = JsonSchemaType.Object | JsonSchemaType.Null,
            Examples = [JsonNode.Parse("""{"max_size": 20}""")!],
        };
    }

    private static void RemoveNulls(OpenApiSchema answer)
    {
        foreach (var (key, property) in answer.Properties?.ToList() ?? [])
        {
            if (property is OpenApiSchema { Type: { } type } plain) plain.Type = type & ~JsonSchemaType.Null;
            else if (property.OneOf is [{ Type: JsonSchemaType.Null }, var other]) answer.Properties![key] = other;
        }
    }

    private static void DescribeRequest(OpenApiSchema request)
    {
        request.AdditionalPropertiesAllowed = false;
        request.Examples = [JsonNode.Parse("""{"generators": ["chess-task-data-generator"], "samples": 100, "seed": 42}""")!];
        request.Properties!["generators"] = new OpenApiSchema
        {
            Description = request.Properties["generators"].Description,
            AnyOf =
            [
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    MinItems = 1,
                    MaxItems = JobLimits.MaxGenerators,
                    UniqueItems = true,
                    Items = Choice(),
                },
                new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["all"] },
            ],
            Examples = [JsonNode.Parse("""["chess-task-data-generator"]""")!],
        };
        request.Properties["parameters"] = new OpenApiSchema
        {
            Description = "What is set of the generators, at most 4,096 bytes; each must offer all of it, see parameters of GET /v1/generators/{name}. Other parameters make other samples.",
            Type = JsonSchemaType.Object | JsonSchemaType.Null,
            Examples = [JsonNode.Parse("""{"max_size": 20}""")!],
        };
    }

    private static OpenApiSchema Choice() => new()
    {
        Description = "A generator's name, or an object that sets parameters of it too.",
        AnyOf =
        [
            new OpenApiSchema { Type = JsonSchemaType.String, Pattern = GeneratorName.Pattern },
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "name" },
                AdditionalPropertiesAllowed = false,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["name"] = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = GeneratorName.Pattern },
                    ["parameters"] = new OpenApiSchema { Type = JsonSchemaType.Object },
                },
            },
        ],
    };

    private static void DescribeProblem(OpenApiSchema problem)
    {
        problem.Description = "What went wrong (RFC 9457).";
        problem.Properties!.Remove("instance");
        problem.Required = new HashSet<string> { "type", "title", "status", "trace_id" };
        problem.Properties["trace_id"] = new OpenApiSchema { Type = JsonSchemaType.String };
        foreach (var (name, property) in problem.Properties)
        {
            property.Description = name switch
            {
                "type" => "Names the kind of problem.",
                "title" => "The status in words.",
                "status" => "The HTTP status.",
                "detail" => "What was wrong and what is allowed, in a sentence.",
                "errors" => "Per field what was wrong with it and what is allowed; generators[3] is the fourth generator, body the whole body.",
                "trace_id" => "The server's log names the request by it.",
                _ => property.Description,
            };
        }
    }
}
