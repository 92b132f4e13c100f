using System.ComponentModel;
using Amazon.Runtime;

namespace VmDataset.Cli.Api;

/// <summary>AWS credentials: those of the environment, else what AWS CLI 2 finds, such as a profile.</summary>
internal sealed class AwsCredentials(TimeProvider time)
{
    // Temporary credentials are asked for anew a while before they end.
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    private static readonly SemaphoreSlim One = new(1);
    private (ImmutableCredentials Credentials, DateTimeOffset? End)? _found;

    /// <exception cref="UsageException">There are none.</exception>
    public async ValueTask<ImmutableCredentials> GetAsync(CancellationToken cancellationToken)
    {
        if (Of("AWS_ACCESS_KEY_ID") is { } id && Of("AWS_SECRET_ACCESS_KEY") is { } secret)
            return new ImmutableCredentials(id, secret, Of("AWS_SESSION_TOKEN"));
        await One.WaitAsync(cancellationToken);
        try
        {
            if (_found is not { } found || found.End - Early < time.GetUtcNow()) _found = found = await ExportAsync(cancellationToken);
            return found.Credentials;
        }
        finally
        {
            One.Release();
        }
    }

    private static async Task<(ImmutableCredentials, DateTimeOffset?)> ExportAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("aws", ["configure", "export-credentials", "--format", "process"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var missing = Of("AWS_ACCESS_KEY_ID") is null ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
        try
        {
            using var aws = Process.Start(start)!;
            aws.StandardInput.Close();
            var errors = aws.StandardError.ReadToEndAsync(cancellationToken);
            var text = await aws.StandardOutput.ReadToEndAsync(cancellationToken);
            if (Read(text) is { } found) return found;
            var reason = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it says nothing";
            throw new UsageException($"{missing} is not set, and AWS CLI 2 gives no credentials to sign with: {reason}");
        }
        catch (Win32Exception)
        {
            throw new UsageException($"{missing} is not set, and aws is not on PATH; one of the two is needed to sign requests.");
        }
    }

    private static (ImmutableCredentials, DateTimeOffset?)? Read(string text)
    {
        try
        {
            var exported = JsonSerializer.Deserialize(text, ApiJson.Default.ExportedCredentials);
            return exported is { AccessKeyId: { } id, SecretAccessKey: { } secret }
                ? (new ImmutableCredentials(id, secret, exported.SessionToken), exported.Expiration) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Of(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The answer of <c>aws configure export-credentials --format process</c>.</summary>
internal sealed record ExportedCredentials
{
    [JsonPropertyName("AccessKeyId")]
    public string? AccessKeyId { get; init; }

    [JsonPropertyName("SecretAccessKey")]
    public string? SecretAccessKey { get; init; }

    [JsonPropertyName("SessionToken")]
    public string? SessionToken { get; init; }

    [JsonPropertyName("Expiration")]
    public DateTimeOffset? Expiration { get; init; }
}
