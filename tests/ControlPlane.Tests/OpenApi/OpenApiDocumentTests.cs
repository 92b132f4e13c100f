using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Http;

namespace VmDataset.ControlPlane.Tests.OpenApi;

public sealed class OpenApiDocumentTests(Api api) : IClassFixture<Api>
{
    private static readonly string[] Undescribed = ["/assets/{hash}/{name}", "/metrics", "/openapi/v1.json"];

    [Fact]
    public async Task The_document_is_the_one_in_the_repository()
    {
        var path = Path.Combine(RepositoryRoot(), "docs", "openapi.json");
        var document = await TextAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, document);
        }

        var committed = File.Exists(path) ? await File.ReadAllTextAsync(path) : "";

        (committed == document).ShouldBeTrue("docs/openapi.json is not what the code gives. If the change is intended, regenerate it with: UPDATE_OPENAPI=1 dotnet test tests/ControlPlane.Tests");
    }

    [Fact]
    public async Task The_document_describes_every_operation_parameter_and_answer()
    {
        HashSet<string> ids = [];
        var document = JsonElement.Parse(await TextAsync());
        foreach (var (name, operation) in Operations(document))
        {
            ids.Add(Text(operation, "operationId")).ShouldBeTrue($"{name} shares its operationId");
            Text(operation, "summary").ShouldNotBeEmpty(name);
            Text(operation, "description").ShouldNotBeEmpty(name);
            operation.GetProperty("tags").GetArrayLength().ShouldBe(1, name);
            foreach (var parameter in Items(operation, "parameters")) Text(parameter, "description").ShouldNotBeEmpty($"{name} {parameter}");
            foreach (var response in operation.GetProperty("responses").EnumerateObject())
            {
                Text(response.Value, "description").ShouldNotBeEmpty($"{name} {response.Name}");
                if (response.Name[0] is not ('4' or '5') || response.Name == "503") continue;
                response.Value.GetProperty("content").TryGetProperty("application/problem+json", out _).ShouldBeTrue($"{name} {response.Name}");
            }
        }

        ids.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task An_operation_lists_the_errors_that_it_can_give()
    {
        foreach (var (name, operation) in Operations(JsonElement.Parse(await TextAsync())))
        {
            List<string> expected = ["400", "500", "503"];
            if (name.Contains('{', StringComparison.Ordinal)) expected.Add("404");
            if (operation.TryGetProperty("requestBody", out _)) expected.AddRange(["413", "415"]);
            expected.ShouldBeSubsetOf(operation.GetProperty("responses").EnumerateObject().Select(response => response.Name), name);
        }
    }

    [Fact]
    public async Task The_document_describes_every_field_and_its_limits()
    {
        var schemas = JsonElement.Parse(await TextAsync()).At("components.schemas");
        foreach (var schema in schemas.EnumerateObject())
        {
            Text(schema.Value, "description").ShouldNotBeEmpty(schema.Name);
            if (!schema.Value.TryGetProperty("properties", out var properties)) continue;
            foreach (var property in properties.EnumerateObject()) Text(property.Value, "description").ShouldNotBeEmpty($"{schema.Name}.{property.Name}");
        }

        var request = schemas.At("JobRequest.properties");
        Limits(request, "samples").ShouldBe((1, 10_000_000));
        Limits(request, "batch_size").ShouldBe((1, 10_000));
        Limits(request, "seed").ShouldBe((0, int.MaxValue));
        Limits(request, "start_index").ShouldBe((0, 99_999_999));
        request.At("output_format.default").GetString().ShouldBe("files");
        schemas.At("OutputFormat.enum").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).ShouldBe("""["files","webdataset"]""");
        schemas.At("JobRequest.additionalProperties").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task The_example_of_a_job_is_accepted()
    {
        await using var other = Api.Empty();
        other.AddGenerator("chess-task-data-generator");
        var example = JsonElement.Parse(await TextAsync()).At("components.schemas.JobRequest.examples[0]");

        await other.PostJobAsync(example.GetRawText());
    }

    [Fact]
    public async Task The_document_names_no_machine()
    {
        var servers = JsonElement.Parse(await TextAsync()).GetProperty("servers");

        servers.GetArrayLength().ShouldBe(1);
        servers[0].GetProperty("url").GetString().ShouldBe("/");
    }

    [Fact]
    public async Task The_document_has_every_route()
    {
        var described = JsonElement.Parse(await TextAsync()).GetProperty("paths").EnumerateObject().Select(path => path.Name);
        var routes = api.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            // Pages are for people.
            .Where(static endpoint => endpoint.Metadata.GetMetadata<IProblemPage>() is null)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/').Replace("{**", "{", StringComparison.Ordinal));

        routes.Distinct().Except(Undescribed).Order().ShouldBe(described.Order());
    }

    private async Task<string> TextAsync()
    {
        using var client = api.Client();
        return (await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).ReplaceLineEndings("\n").TrimEnd() + "\n";
    }

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        DocumentedOperation.Of(document).Select(static each => (each.Name, each.Content));

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.EnumerateArray() : default;

    private static (int, int) Limits(JsonElement properties, string name) =>
        (properties.At($"{name}.minimum").GetInt32(), properties.At($"{name}.maximum").GetInt32());

    private static string RepositoryRoot([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
