using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class HeaderTests(Api api) : IClassFixture<Api>
{
    private const string File = "/v1/jobs/20261123-130501-9f3c2a7b/files/a.txt";

    [Theory]
    [InlineData("/v1/jobs", "default-src 'none'; frame-ancestors 'none'", "no-store")]
    [InlineData("/v1/nothing", "default-src 'none'; frame-ancestors 'none'", "no-store")]
    [InlineData("/v1/jobs?limit=no", "default-src 'none'; frame-ancestors 'none'", "no-store")]
    [InlineData("/", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';", "no-store")]
    [InlineData("/jobs?cursor=no", "default-src 'none'; script-src 'self'; style-src 'self';", "no-store")]
    [InlineData("/health/live", "default-src 'none'; frame-ancestors 'none'", "no-store")]
    [InlineData("/openapi/v1.json", "default-src 'none'; frame-ancestors 'none'", "no-store")]
    [InlineData("/swagger/index.html", "default-src 'none'; script-src 'self';", null)]
    [InlineData("/jobs/20261123-130501-9f3c2a7b", "default-src 'none'; script-src 'self'; style-src 'self';", "no-store")]
    [InlineData(File, "default-src 'none'; img-src 'self';", "no-cache")]
    public async Task The_headers_of_security_are_on_every_answer(string path, string policy, string? cache)
    {
        await api.PutTextAsync(ObjectKeys.DataPrefix("20261123-130501-9f3c2a7b") + "a.txt", "text");
        using var client = api.Client();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldStartWith(policy);
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe([path is "/" || path.StartsWith("/jobs", StringComparison.Ordinal) ? "same-origin" : "no-referrer"]);
        answer.Headers.GetValues("Cross-Origin-Resource-Policy").ShouldBe(["same-origin"]);
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
        if (cache is not null) answer.Headers.GetValues("Cache-Control").ShouldBe([cache]);
    }

    [Fact]
    public async Task The_headers_ask_for_https_where_it_is_spoken()
    {
        using var client = api.Client();
        using var answer = await client.GetAsync(new Uri("https://localhost/health/live"));

        answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000"]);
    }
}
