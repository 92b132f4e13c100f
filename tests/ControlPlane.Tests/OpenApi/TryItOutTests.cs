using System.Net;
using System.Text;
using System.Text.Json;
using VmDataset.ControlPlane.Tests.Datasets;

namespace VmDataset.ControlPlane.Tests.OpenApi;

/// <summary>Every operation as Swagger UI fills it in: parameters by their example or default, the body by its example.</summary>
public sealed class TryItOutTests : IAsyncDisposable
{
    private const string Generator = "chess-task-data-generator";

    // Nothing has the id of the example; the job has no webhook.
    private static readonly string[] MayBeAbsent = ["{key}", "{letter}", "/webhook"];

    // What ends the job or deletes it comes after what reads it.
    private static readonly string[] MethodOrder = ["get", "head", "post", "delete"];

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task No_operation_is_refused_as_Swagger_fills_it_in()
    {
        _api.AddGenerator(Generator);
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        var operations = DocumentedOperation.Of(await _api.GetAsync("/openapi/v1.json")).ToList();

        List<string> refused = [];
        foreach (var (method, path, operation) in operations.OrderBy(static each => Array.IndexOf(MethodOrder, each.Method)))
        {
            using var request = Request(method, path, operation, job.Id);
            var status = await SendAsync(request, isPreview: path.EndsWith("/preview", StringComparison.Ordinal));
            // An ended job has nothing to pause.
            if (status < HttpStatusCode.BadRequest || status == HttpStatusCode.Conflict) continue;
            if (status == HttpStatusCode.NotFound && MayBeAbsent.Any(path.Contains)) continue;
            refused.Add($"{(int)status} {method} {request.RequestUri}");
        }

        refused.ShouldBeEmpty();
        operations.Count.ShouldBeGreaterThan(30);
    }

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, bool isPreview)
    {
        using var client = _api.Client();
        // The stream of events ends with the request alone.
        var sending = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (isPreview)
        {
            await Eventually.BeTrueAsync(async () => await _api.FindPreviewAsync() is not null);
            await _api.FinishAsync((await _api.FindPreviewAsync())!, Generator, 0, 4);
        }

        using var answer = await sending;
        return answer.StatusCode;
    }

    private static HttpRequestMessage Request(string method, string path, JsonElement operation, string job)
    {
        var request = new HttpRequestMessage { Method = HttpMethod.Parse(method.ToUpperInvariant()) };
        List<string> query = [];
        foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : default)
        {
            var (name, schema) = (parameter.GetProperty("name").GetString()!, parameter.GetProperty("schema"));
            var value = name switch { "id" => job, "path" => "README.md", _ => Prefilled(schema) };
            if (value is null) continue;
            var place = parameter.GetProperty("in").GetString();
            if (place == "path") path = path.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            else if (place == "header") request.Headers.Add(name, value);
            else query.Add($"{name}={Uri.EscapeDataString(value)}");
        }

        request.RequestUri = new Uri($"{path}?{string.Join('&', query)}", UriKind.Relative);
        if (operation.TryGetProperty("requestBody", out var body))
            request.Content = new StringContent(body.GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText(), Encoding.UTF8, "application/json");
        return request;
    }

    private static string? Prefilled(JsonElement schema) =>
        schema.TryGetProperty("examples", out var examples) ? examples[0].ToString()
        : schema.TryGetProperty("default", out var value) ? value.GetRawText().Trim('"')
        : null;
}
