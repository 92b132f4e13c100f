namespace VmDataset.ControlPlane.OpenApi;

/// <summary>The API's own description, at <c>/openapi/v1.json</c>, and a page to try it, at <c>/swagger</c>.</summary>
internal static class OpenApiSetup
{
    public static void AddOpenApiDocument(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", static options =>
    {
        options.AddDocumentTransformer(ContentTransformer.Describe);
        options.AddDocumentTransformer(SchemaTransformer.Complete);
        options.AddOperationTransformer(ParameterTransformer.Describe);
        options.AddOperationTransformer(ResponseTransformer.Describe);
        options.AddDocumentTransformer(CredentialTransformer.Describe);
        options.AddOperationTransformer(CredentialTransformer.Require);
        options.AddSchemaTransformer(SchemaTransformer.Describe);
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
}
