using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;

namespace VmDataset.ControlPlane.Tests.Auth;

/// <summary>The application as it is where credentials are needed, with one admin key that only the settings know.</summary>
public sealed class LockedApi : IAsyncDisposable
{
    private readonly HttpClient _client;

    public LockedApi()
        : this(null)
    {
    }

    internal LockedApi(IReadOnlyDictionary<string, string>? settings, Action<IServiceCollection>? configure = null)
    {
        Admin = KeyText.New().Text;
        Api = Api.Empty(configure, new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["ADMIN_KEY_SHA256"] = KeyText.Sha256(Admin) });
        Api.AddGenerator("alpha");
        _client = Api.Client();
    }

    public Api Api { get; }

    /// <summary>The admin key's text.</summary>
    public string Admin { get; }

    /// <summary>Makes a key and gives its id and text.</summary>
    public async Task<(string Id, string Text)> MakeKeyAsync(string role, object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["name"] = "test";
        body["role"] = role;
        using var answer = await SendAsync(HttpMethod.Post, "/v1/keys", Admin, JsonContent.Create(body));
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var key = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (key.GetProperty("id").GetString()!, key.GetProperty("key").GetString()!);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? credential, HttpContent? content = null, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (credential is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential);
        prepare?.Invoke(request);
        return await _client.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? credential, Action<HttpRequestMessage>? prepare = null)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, credential, prepare: prepare);
        return answer.StatusCode;
    }

    /// <summary>The status and the problem's detail.</summary>
    public async Task<(HttpStatusCode Status, string Detail)> ProblemAsync(string path, string? credential)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, credential);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, problem.GetProperty("detail").GetString()!);
    }

    public Task<HttpResponseMessage> SubmitAsync(string credential, int samples = 1) =>
        SendAsync(HttpMethod.Post, "/v1/jobs", credential, JsonContent.Create(new { generators = new[] { "alpha" }, samples }));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Api.DisposeAsync();
    }
}
