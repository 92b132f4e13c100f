using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Describes the credentials, and the role that each operation needs.</summary>
internal static class CredentialTransformer
{
    private const string Bearer = "bearer";
    private const string Header = "header";

    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key (vmd_...), or a token of the issuer that the server trusts.",
            },
            [Header] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = Credential.Header,
                Description = "A key, where another party uses the header Authorization, as AWS's signatures do.",
            },
        };
        return Task.CompletedTask;
    }

    public static Task Require(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (Policies.Of(context.Description.ActionDescriptor.EndpointMetadata) is not { } role) return Task.CompletedTask;
        operation.Description += $" Required role: {RoleName.Of(role)}.";
        // Either of them. The document is the same everywhere, so it leaves out that a server which is open to its own machine needs none.
        operation.Security = [.. new[] { Bearer, Header }.Select(
            scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] })];
        return Task.CompletedTask;
    }
}
