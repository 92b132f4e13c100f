using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>The forms that a job's generators have in JSON, of which a type cannot tell.</summary>
internal static class GeneratorChoiceSchema
{
    public static void OfRequest(OpenApiSchema request)
    {
        request.Examples = [JsonNode.Parse(JobRequest.Example)!];
        request.Properties!["generators"] = new OpenApiSchema
        {
            Description = request.Properties["generators"].Description,
            AnyOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = JobLimits.MaxGenerators, UniqueItems = true,
                    Items = Choice() },
                new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["all"] },
            ],
            Examples = [JsonNode.Parse("""["chess-task-data-generator"]""")!],
        };
        request.Properties["parameters"] = new OpenApiSchema
        {
            Description = "Parameters of the generators, at most 4,096 bytes. Every generator must offer all of them: parameters of GET /v1/generators/{name} lists a generator's. Other parameters give other samples.",
            Type = JsonSchemaType.Object | JsonSchemaType.Null,
            Examples = [JsonNode.Parse("""{"max_size": 20}""")!],
        };
    }

    public static void OfSpec(OpenApiSchema spec)
    {
        var names = (OpenApiSchema)spec.Properties!["generators"];
        spec.Properties["generators"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = names.Description,
            Examples = names.Examples,
            Items = Choice()
        };
    }

    private static OpenApiSchema Choice() => new()
    {
        Description = "A generator's name, or an object that also sets its parameters, its number of samples, or a name of its own within the job, under which the same generator can be there several times.",
        AnyOf =
        [
            Name(),
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "name" },
                AdditionalPropertiesAllowed = false,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["name"] = Name(),
                    ["as"] = Name(),
                    ["samples"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1",
                        Maximum = JobLimits.MaxSamples.ToString(CultureInfo.InvariantCulture) },
                    ["parameters"] = new OpenApiSchema { Type = JsonSchemaType.Object },
                },
            },
        ],
    };

    private static OpenApiSchema Name() => new() { Type = JsonSchemaType.String, Pattern = GeneratorName.Pattern };
}
