using System.Text.Json.Nodes;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>A request's body in the document.</summary>
internal static class RequestBody
{
    private const string Json = "application/json";

    /// <summary>Describes a JSON body that the handler reads by itself.</summary>
    /// <param name="example">A whole body that any server accepts. Swagger UI sends it as it is: one made of the fields' own examples would
    /// have every optional field, also those that exclude one another.</param>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder builder, string example, bool isOptional = false)
        where T : notnull => builder
            .Accepts<T>(isOptional, Json)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody!.Content![Json].Example = JsonNode.Parse(example);
                return Task.CompletedTask;
            });
}
