using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Batches;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>Describes path and query parameters: handlers take them as text, to say themselves what is wrong with them.</summary>
internal static class ParameterTransformer
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            (parameter.Description, parameter.Schema) = Of(parameter.Name!);
        if (operation.OperationId == "create_job")
        {
            operation.Parameters = [new OpenApiParameter
            {
                Name = IdempotentSubmissions.Header,
                In = ParameterLocation.Header,
                Description = "A key of your own, such as a UUID: a submission that is repeated with it gives the job of the first.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
            }];
        }

        if (operation.OperationId == "watch_job")
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = Jobs.Events.EventId.Header,
                In = ParameterLocation.Header,
                Description = "The id of the last event that the client has of this job: the stream goes on after it. Browsers send it by themselves.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["1-1795438801000-2-9f3c2a7b51c0d86e"] },
            });
        }

        return Task.CompletedTask;
    }

    private static (string Description, OpenApiSchema Schema) Of(string name) => name switch
    {
        "id" => ("The job's id.", new OpenApiSchema { Type = JsonSchemaType.String, Pattern = JobId.Pattern, Examples = ["20261123-130501-9f3c2a7b"] }),
        "job_id" => ("Only this job's dead letters.", new OpenApiSchema { Type = JsonSchemaType.String, Pattern = JobId.Pattern, Examples = ["20261123-130501-9f3c2a7b"] }),
        "letter" => ("The dead letter's id.", new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["7"] }),
        "name" => ("The generator's name.", GeneratorNameSchema()),
        "key" => ("The key's id.", new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["4be1c09a7d52"] }),
        "generator" => ("Only what is this generator's; it must be one of the job's.", GeneratorNameSchema()),
        "path" => ("The file's path below the job's data; parts are separated by slashes.",
            new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["chess-task-data-generator/chess_task/chess_00000042/first_frame.png"] }),
        "state" => ("Only batches in this state.",
            new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. BatchEndpoints.States.Keys.Select(static name => (JsonNode)name)] }),
        "format" => ("json: a list of links. tar: all files in one tar, where the store is this server's own disk. Default: what the header Accept asks for, else json.",
            new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["json", "tar"] }),
        "all" => ("Whether to list failures too that a later try made good.", new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }),
        "cursor" => ("The next_cursor of the page before; none for the first page.", new OpenApiSchema { Type = JsonSchemaType.String }),
        "limit" => ("Items in the answer, at most.", new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = PageLimits.Max.ToString(CultureInfo.InvariantCulture),
            Default = JsonValue.Create(PageLimits.Default),
        }),
        "minutes" => ("How far back the series reach; they have 60 points at most. The local engine has none.", new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = WindowReader.MaxMinutes.ToString(CultureInfo.InvariantCulture),
            Default = JsonValue.Create(WindowReader.DefaultMinutes),
        }),
        _ => throw new NotSupportedException($"The parameter '{name}' is not described in {nameof(ParameterTransformer)}."),
    };

    private static OpenApiSchema GeneratorNameSchema() =>
        new() { Type = JsonSchemaType.String, Pattern = GeneratorName.Pattern, Examples = ["chess-task-data-generator"] };
}
