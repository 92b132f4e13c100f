using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>Describes path and query parameters by their attributes: endpoints take them as text, whose schema would say nothing.</summary>
internal static class ParameterTransformer
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(static each => each.In != ParameterLocation.Header)
            ?? [])
        {
            var attributes = context.Description.ParameterDescriptions.Where(each => each.Name == parameter.Name)
                .Select(static each => each.ParameterDescriptor).OfType<IParameterInfoParameterDescriptor>()
                .SelectMany(static each => each.ParameterInfo.GetCustomAttributes(inherit: true)).ToList();
            parameter.Description = attributes.OfType<DescriptionAttribute>().FirstOrDefault()?.Description
                ?? throw new InvalidOperationException(
                    $"The parameter '{parameter.Name}' of {operation.OperationId} has no [Description].");
            parameter.Schema = Schema(attributes);
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Schema(IEnumerable<object> attributes)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case RangeAttribute range:
                    schema.Type = JsonSchemaType.Integer;
                    schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
                    schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
                    break;
                case AllowedValuesAttribute allowed:
                    schema.Enum = [.. allowed.Values.Select(static value => (JsonNode)JsonValue.Create((string)value!))];
                    break;
                case RegularExpressionAttribute pattern:
                    schema.Pattern = pattern.Pattern;
                    break;
                case AbsentMeansAttribute { Value: var value }:
                    if (value is bool) schema.Type = JsonSchemaType.Boolean;
                    schema.Default = JsonSerializer.SerializeToNode(value);
                    break;
                case ExampleAttribute example:
                    schema.Examples = [example.Value];
                    break;
            }
        }

        return schema;
    }
}
