using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>Rules for all schemas, applied once the document holds every one of them.</summary>
internal static partial class SchemaTransformer
{
    public static Task Complete(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var requests = Requests(document);
        foreach (var (name, schema) in (document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
            .Select(static each => (each.Key, (OpenApiSchema)each.Value)))
        {
            foreach (var each in (schema.Properties?.Values ?? []).Prepend(schema)) UnwrapDescription(each);
            if (schema.Enum is { Count: > 0 }) schema.Type = JsonSchemaType.String;
            // The framework gives a type with a converter of its own no schema; all of them write objects.
            else if (schema.Type is null && schema.AnyOf is null && schema.OneOf is null) schema.Type = JsonSchemaType.Object;
            // Unknown fields of requests are refused, and null means absent; answers leave out absent fields.
            if (requests.Contains(name)) schema.AdditionalPropertiesAllowed = false;
            else RemoveNulls(schema);
        }

        return Task.CompletedTask;
    }

    // Comments are wrapped where a line of the source is full.
    private static void UnwrapDescription(IOpenApiSchema schema)
    {
        var text = schema.Description is { } wrapped ? LineBreak().Replace(wrapped, " ") : null;
        if (schema is OpenApiSchema own) own.Description = text;
        else if (schema is OpenApiSchemaReference reference && text is not null) reference.Description = text;
    }

    [GeneratedRegex(@"\s*\n\s*", RegexOptions.CultureInvariant)]
    private static partial Regex LineBreak();

    private static HashSet<string> Requests(OpenApiDocument document) =>
    [
        .. from path in document.Paths.Values
           from operation in path.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()
           from content in operation.RequestBody?.Content?.Values ?? Enumerable.Empty<OpenApiMediaType>()
           let reference = (content.Schema as OpenApiSchemaReference)?.Reference.Id
           where reference is not null
           select reference,
    ];

    private static void RemoveNulls(OpenApiSchema answer)
    {
        foreach (var (key, property) in answer.Properties?.ToList() ?? [])
        {
            if (property is OpenApiSchema { Type: { } type } plain) plain.Type = type & ~JsonSchemaType.Null;
            else if (property.OneOf is [{ Type: JsonSchemaType.Null }, var other])
            {
                UnwrapDescription(other);
                answer.Properties![key] = other;
            }
        }
    }
}
