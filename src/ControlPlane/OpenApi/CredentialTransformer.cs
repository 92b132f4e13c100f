using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using VmDataset.ControlPlane.Auth;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>How callers say who they are, and which operation needs what role.</summary>
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
                Description = "A key, where the header Authorization is taken, as by AWS's signatures.",
            },
        };
        return Task.CompletedTask;
    }

    public static Task Require(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (Policies.Of(context.Description.ActionDescriptor.EndpointMetadata) is not { } role) return Task.CompletedTask;
        operation.Description += $" Needs the role {RoleName.Of(role)}.";
        // Either of them. A server that is open to its own machine needs none, which the document, the same everywhere, does not tell.
        operation.Security = [.. new[] { Bearer, Header }.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] })];
        return Task.CompletedTask;
    }
}
