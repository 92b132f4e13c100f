using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.OpenApi;

/// <summary>An operation of the OpenAPI document.</summary>
/// <param name="Method">In lower case, as there.</param>
internal sealed record DocumentedOperation(string Method, string Path, JsonElement Content)
{
    public string Name => $"{Method} {Path}";

    public static IEnumerable<DocumentedOperation> Of(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select new DocumentedOperation(operation.Name, path.Name, operation.Value);
}
