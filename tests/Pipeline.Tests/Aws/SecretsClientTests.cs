using System.Text.Json;
using VmDataset.Pipeline.Aws;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>The client against an emulator.</summary>
public sealed class SecretsClientTests
{
    [Fact]
    public async Task The_client_reads_the_text_of_a_secret()
    {
        var emulator = await AwsEmulator.GetAsync();
        var made = JsonElement.Parse(await emulator.CliAsync("secretsmanager", "create-secret", "--name", $"s-{Guid.NewGuid():N}",
            "--secret-string", """{"WEBHOOK_SECRET": "w"}"""));

        (await GetAsync(emulator, made.GetProperty("ARN").GetString()!)).ShouldBe("""{"WEBHOOK_SECRET": "w"}""");
    }

    [Fact]
    public async Task A_refusal_carries_the_services_own_reason()
    {
        var emulator = await AwsEmulator.GetAsync();
        var refusal = await Should.ThrowAsync<IOException>(() =>
            GetAsync(emulator, $"arn:aws:secretsmanager:{AwsEmulator.Region}:123456789012:secret:absent-abcdef"));

        refusal.Message.ShouldContain("ResourceNotFoundException");
    }

    [Fact]
    public async Task The_header_that_names_the_operation_is_signed()
    {
        var answers = new Recording();
        using var http = new HttpClient(answers);
        var client = new SecretsClient(http, null, TimeProvider.System, new Amazon.Runtime.SessionAWSCredentials("id", "secret", "token"));

        (await client.GetAsync("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-abcdef", TestContext.Current.CancellationToken))
            .ShouldBe("text");

        answers.Asked!.RequestUri.ShouldBe(new Uri("https://secretsmanager.cn-north-1.amazonaws.com.cn/"));
        answers.Asked.Headers.GetValues("Authorization").Single().ShouldContain("/cn-north-1/secretsmanager/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ");
        answers.Asked.Headers.GetValues("x-amz-target").ShouldBe(["secretsmanager.GetSecretValue"]);
    }

    private static async Task<string> GetAsync(AwsEmulator emulator, string arn)
    {
        using var http = new HttpClient();
        return await new SecretsClient(http, emulator.Endpoint, TimeProvider.System).GetAsync(arn, TestContext.Current.CancellationToken);
    }

    private sealed class Recording : HttpMessageHandler
    {
        public HttpRequestMessage? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request;
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent("""{"SecretString": "text"}""") });
        }
    }
}
