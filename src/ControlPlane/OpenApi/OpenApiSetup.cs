using System.Reflection;
using System.Runtime.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>The API's own description, at <c>/openapi/v1.json</c>, and a page to try it, at <c>/swagger</c>. Types, parameters and headers
/// are described where they are declared, by XML comments, attributes and the methods here.</summary>
internal static class OpenApiSetup
{
    private const string Document = "v1";

    public static void AddOpenApiDocument(this WebApplicationBuilder builder) => builder.Services.AddOpenApi(Document, static options =>
    {
        options.CreateSchemaReferenceId = SchemaName;
        options.AddDocumentTransformer(ContentTransformer.Describe);
        options.AddDocumentTransformer(SchemaTransformer.Complete);
        options.AddOperationTransformer(ParameterTransformer.Describe);
        options.AddOperationTransformer(ResponseTransformer.Describe);
    });

    public static void MapOpenApiDocument(this WebApplication app)
    {
        // Public, like this repository; trying it needs a key.
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.UseSwaggerUI(static page =>
        {
            page.SwaggerEndpoint("/openapi/v1.json", "vm-dataset-pipeline");
            page.DocumentTitle = "vm-dataset-pipeline";
        });
    }

    /// <summary>Adds transformers of a feature's own.</summary>
    public static void DescribeApi(this IServiceCollection services, Action<OpenApiOptions> describe) =>
        services.Configure(Document, describe);

    /// <summary>Adds to the schema of a type whatever its attributes and comments cannot say.</summary>
    public static void DescribeSchema<T>(this IServiceCollection services, Action<OpenApiSchema> describe) =>
        services.DescribeApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            if (document.Components?.Schemas?.TryGetValue(ContractName(typeof(T)) ?? typeof(T).Name, out var schema) == true) describe(
                (OpenApiSchema)schema);
            return Task.CompletedTask;
        }));

    /// <summary>Describes a request's header that the handler reads by itself.</summary>
    public static TBuilder WithRequestHeader<TBuilder>(this TBuilder builder, string name, string description, OpenApiSchema? schema = null)
        where TBuilder : IEndpointConventionBuilder => builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            schema ??= new OpenApiSchema();
            schema.Type = JsonSchemaType.String;
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Header,
                Description = description,
                Schema = schema
            });
            return Task.CompletedTask;
        });

    private static string? SchemaName(JsonTypeInfo type) =>
        OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? ContractName(Nullable.GetUnderlyingType(type.Type) ?? type.Type)
            ?? name : null;

    // A schema keeps its name when the type gets another one.
    private static string? ContractName(Type type) => type.GetCustomAttribute<DataContractAttribute>()?.Name;
}
