using System.Net.Http.Headers;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace VmDataset.Pipeline.Aws;

/// <summary>Reads a secret of Secrets Manager: the one operation that is needed, instead of the SDK's package for all of it.</summary>
/// <param name="http">Its time-out is the call's.</param>
/// <param name="endpoint">An emulator; null for AWS itself.</param>
/// <param name="credentials">Null for the SDK's own chain.</param>
public sealed partial class SecretsClient(HttpClient http, Uri? endpoint, TimeProvider time, AWSCredentials? credentials = null)
{
    /// <summary>What a secret's ARN looks like.</summary>
    public const string Arn = "arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+";

    /// <summary>The secret's text.</summary>
    /// <exception cref="IOException">Secrets Manager cannot be reached, refuses, or has no text there.</exception>
    public async Task<string> GetAsync(string arn, CancellationToken cancellationToken = default)
    {
        var region = RegionOf().Match(arn).Groups[1].Value;
        var country = region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "";
        var address = endpoint ?? new Uri($"https://secretsmanager.{region}.amazonaws.com{country}/");
        var body = JsonSerializer.SerializeToUtf8Bytes(new { SecretId = arn });
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.Add("x-amz-target", "secretsmanager.GetSecretValue");
        try
        {
            var found = credentials ?? await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync().WaitAsync(cancellationToken);
            RequestSigner.Sign(request, body, await found.GetCredentialsAsync().WaitAsync(cancellationToken), region, "secretsmanager",
                time.GetUtcNow());
            using var response = await http.SendAsync(request, cancellationToken);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            if (response.IsSuccessStatusCode)
                return Text(answer, "SecretString") ?? throw new IOException("Secrets Manager has bytes there and no text.");
            throw new IOException(
                $"Secrets Manager refused with {Text(answer, "__type")}: {Text(answer, "message") ?? Text(answer, "Message")}");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or AmazonClientException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException($"Secrets Manager cannot be reached at {address.Authority}: {exception.Message}", exception);
        }
    }

    private static string? Text(JsonDocument answer, string name) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^arn:[^:]+:secretsmanager:([^:]+):", RegexOptions.CultureInvariant)]
    private static partial Regex RegionOf();
}
