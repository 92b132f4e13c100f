using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Auth;

/// <summary>Where no credentials are needed, other people's web pages must not be able to use that.</summary>
public sealed class OpenDoorTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Everybody_is_the_local_admin_with_or_without_a_key()
    {
        using var client = api.Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", "vmd_whatever");

        var caller = await client.GetFromJsonAsync<JsonElement>("/v1/whoami");

        caller.GetRawText().ShouldBe("""{"id":"local","name":"local","role":"admin"}""");
    }

    [Theory]
    [InlineData("localhost:8080", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:8080", HttpStatusCode.OK)]
    [InlineData("rebound.example.org", HttpStatusCode.BadRequest)]
    [InlineData("localhost.example.org:8080", HttpStatusCode.BadRequest)]
    public async Task The_open_API_answers_only_to_host_names_of_this_machine(string host, HttpStatusCode status) => (await StatusAsync(HttpMethod.Get, ("Host", host))).ShouldBe(status);

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("Sec-Fetch-Site", "none", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("Origin", "https://example.org", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://localhost", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_page_of_another_site_can_change_nothing(string header, string value, HttpStatusCode status) =>
        (await StatusAsync(HttpMethod.Post, (header, value))).ShouldBe(status);

    [Fact]
    public async Task Names_of_other_machines_are_answered_when_set()
    {
        await using var other = Api.Empty(settings: new Dictionary<string, string> { ["ALLOWED_HOSTS"] = "api.example.org;localhost" });
        using var client = other.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.Host = "api.example.org";
        using var answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, (string Name, string Value) header)
    {
        using var client = api.Client();
        using var request = new HttpRequestMessage(method, "/v1/jobs");
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
