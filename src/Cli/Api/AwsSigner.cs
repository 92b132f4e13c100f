using VmDataset.Pipeline.Aws;

namespace VmDataset.Cli.Api;

/// <summary>Signs requests to a Lambda function URL that IAM guards.</summary>
internal sealed partial class AwsSigner(AwsCredentials credentials, string region, TimeProvider time)
{
    public async Task SignAsync(HttpRequestMessage request, byte[] body, CancellationToken cancellationToken) =>
        RequestSigner.Sign(request, body, await credentials.GetAsync(cancellationToken), region, "lambda", time.GetUtcNow());

    /// <summary>The region of a function URL's host; null for any other host.</summary>
    public static string? RegionOf(string host) => FunctionHost().Match(host) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex(@"\.lambda-url\.([a-z0-9-]+)\.on\.aws$")]
    private static partial Regex FunctionHost();
}
