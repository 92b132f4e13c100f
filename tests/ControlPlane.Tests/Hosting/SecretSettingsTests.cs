using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using VmDataset.ControlPlane.Auth;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>The real process and a Secrets Manager that says what a test wants.</summary>
public sealed class SecretSettingsTests : IDisposable
{
    private const string Arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-abcdef";
    private readonly TemporaryFolder _folder = new();

    public SecretSettingsTests() => Directory.CreateDirectory(_folder.Combine("generators"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Settings_come_from_the_secret_and_an_empty_one_is_unset()
    {
        var text = KeyText.New().Text;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        await using var secrets = await StartAsync($$$"""{"SecretString": "{\"ADMIN_KEY_SHA256\": \"{{{hash}}}\", \"WEBHOOK_SECRET\": \"\"}"}""");
        using var server = new ServerProcess(_folder.Path, Environment(secrets));
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };

        using var without = await client.GetAsync(new Uri("/v1/whoami", UriKind.Relative), TestContext.Current.CancellationToken);
        client.DefaultRequestHeaders.Add("X-Api-Key", text);
        var with = await client.GetStringAsync(new Uri("/v1/whoami", UriKind.Relative), TestContext.Current.CancellationToken);

        without.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        with.ShouldContain("key:settings");
    }

    [Theory]
    [InlineData("""{"SecretString": "vmd_secret"}""", 200, "whose text holds no settings; allowed: a JSON object of texts")]
    [InlineData("""{"SecretString": "null"}""", 200, "whose text holds no settings")]
    [InlineData("""{"__type": "AccessDeniedException", "Message": "not allowed"}""", 400, "refused with AccessDeniedException: not allowed")]
    public async Task A_secret_that_cannot_be_used_ends_the_start(string answer, int status, string reason)
    {
        await using var secrets = await StartAsync(answer, status);
        using var server = new ServerProcess(_folder.Path, Environment(secrets));

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.ShouldContain($"SECRETS_ARN is '{Arn}', ");
        errors.ShouldContain(reason);
        errors.ShouldNotContain("vmd_secret");
    }

    private static Dictionary<string, string> Environment(WebApplication secrets) => new()
    {
        ["SECRETS_ARN"] = Arn,
        ["AWS_ENDPOINT_URL"] = secrets.Urls.First(),
        ["AWS_ACCESS_KEY_ID"] = "test",
        ["AWS_SECRET_ACCESS_KEY"] = "test",
        ["PORT"] = "0",
        ["EMBEDDED_WORKER"] = "false",
    };

    private static async Task<WebApplication> StartAsync(string answer, int status = 200)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/", () => Results.Text(answer, "application/json", statusCode: status));
        await app.StartAsync();
        return app;
    }
}
