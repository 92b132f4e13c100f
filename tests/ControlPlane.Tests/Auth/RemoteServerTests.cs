using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Tests.Hosting;

namespace VmDataset.ControlPlane.Tests.Auth;

/// <summary>The real process, on an address that others can reach.</summary>
public sealed class RemoteServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RemoteServerTests() => Directory.CreateDirectory(_folder.Combine("generators"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_remote_server_starts_with_a_key_and_answers_nobody_without_it()
    {
        using (var refused = Start("--urls", "http://0.0.0.0:0"))
        {
            var (code, errors) = await refused.EndAsync();
            code.ShouldBe(1);
            errors.ShouldContain("The API would answer everybody who can reach http://0.0.0.0:0, as there are no credentials.");
        }

        var first = await CreateKeyAsync("admin");
        using var server = Start("--urls", "http://0.0.0.0:0");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{(await server.AddressAsync()).Port}") };
        using (var none = await client.GetAsync(new Uri("/v1/jobs", UriKind.Relative)))
        {
            none.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            none.Headers.Contains("Server").ShouldBeFalse();
        }

        // Beside the running server, which holds the data folder.
        foreach (var (key, expected) in new[] { (first, HttpStatusCode.Created), (await CreateKeyAsync("submit"), HttpStatusCode.Forbidden) })
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var made = await client.PostAsJsonAsync("/v1/keys", new { name = "next", role = "read" });
            made.StatusCode.ShouldBe(expected);
            using var jobs = await client.GetAsync(new Uri("/v1/jobs", UriKind.Relative));
            jobs.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Wrong_keys_behind_a_function_URL_count_for_the_address_that_sent_them()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KeyText.New().Text)));
        using var server = new ServerProcess(_folder.Path, new Dictionary<string, string>
        {
            ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
            ["ADMIN_KEY_SHA256"] = hash,
            ["PORT"] = "0",
            ["EMBEDDED_WORKER"] = "false",
        });
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };

        for (var i = 0; i < 30; i++) (await GuessAsync("192.0.2.1")).ShouldBe(HttpStatusCode.Unauthorized);

        (await AreTooManyAsync("192.0.2.1")).ShouldBeTrue();
        // The URL appends the address to what the caller claims.
        (await AreTooManyAsync("198.51.100.7, 192.0.2.1")).ShouldBeTrue();
        (await GuessAsync("198.51.100.7")).ShouldBe(HttpStatusCode.Unauthorized);

        // A guess is allowed again every two seconds; an address with none behind it has thirty.
        async Task<bool> AreTooManyAsync(string from)
        {
            for (var i = 0; i < 10; i++)
                if (await GuessAsync(from) == HttpStatusCode.TooManyRequests) return true;
            return false;
        }

        async Task<HttpStatusCode> GuessAsync(string from)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
            request.Headers.Add("X-Forwarded-For", from);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", KeyText.New().Text);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData]
    [InlineData("name")]
    [InlineData("name", "owner")]
    [InlineData(" ", "admin")]
    public async Task A_remote_server_says_how_a_key_is_made(params string[] arguments)
    {
        using var command = new ServerProcess(_folder.Path, null, ["create-key", .. arguments]);
        var (code, errors) = await command.EndAsync();
        code.ShouldBe(1);
        errors.ShouldContain("Use: create-key NAME ROLE.");
    }

    [Fact]
    public async Task A_remote_server_tells_every_mistake_in_the_settings()
    {
        using var server = new ServerProcess(_folder.Path, new Dictionary<string, string>
        {
            ["ALLOW_ANONYMOUS"] = "true",
            ["ADMIN_KEY_SHA256"] = "vmd_secret",
            ["JWT_AUTHORITY"] = "http://issuer.example.org",
            ["REQUESTS_PER_MINUTE"] = "0",
            ["MAX_OPEN_JOBS"] = "some",
        });
        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.ShouldNotContain("vmd_secret");
        errors.Trim().Split('\n')[1..].ShouldBe(
        [
            "- ADMIN_KEY_SHA256 is no SHA-256; allowed: 64 hexadecimal digits, the SHA-256 of a key's whole text.",
            "- ALLOW_ANONYMOUS is 'true'; allowed: everyone-who-can-reach-it, which lets everyone who can reach the API do everything, or nothing.",
            "- JWT_AUTHORITY is 'http://issuer.example.org'; allowed: an issuer's https address, such as https://login.example.org/realms/data, or an http one on this machine.",
            "- MAX_OPEN_JOBS is 'some'; allowed: an integer from 0 to 2,147,483,647.",
            "- One of JWT_AUTHORITY and JWT_AUDIENCE is set; allowed: both, as a token of the same issuer may be meant for another service, or none.",
            "- REQUESTS_PER_MINUTE is '0'; allowed: an integer from 1 to 1,000,000.",
        ]);
    }

    private ServerProcess Start(params IEnumerable<string> arguments) => new(_folder.Path, null, ["--EmbeddedWorker", "false", .. arguments]);

    private async Task<string> CreateKeyAsync(string role)
    {
        using var command = new ServerProcess(_folder.Path, null, "create-key", "first", role);
        (await command.EndAsync()).Code.ShouldBe(0);
        return (await command.OutputAsync()).Trim();
    }
}
