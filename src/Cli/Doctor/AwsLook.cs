using System.ComponentModel;
using VmDataset.Cli.Api;

namespace VmDataset.Cli.Doctor;

/// <summary>Looks at the account's Lambda quotas with the AWS CLI, as a deployment does.</summary>
internal static class AwsLook
{
    private const string Name = "aws quotas";
    // What an account has that nobody reduced, and what Lambda keeps unreserved.
    private const int UsualConcurrency = 1000;
    private const int Unreserved = 100;

    public static async Task<Finding> LookAsync(AwsCredentials credentials, CancellationToken cancellationToken)
    {
        if ((Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION")) is not { } region) return Finding.Skipped(Name, "AWS_REGION is not set");
        try
        {
            await credentials.GetAsync(cancellationToken);
        }
        catch (UsageException exception)
        {
            return Finding.Skipped(Name, exception.Message);
        }

        return await SettingsAsync(region, cancellationToken);
    }

    private static async Task<Finding> SettingsAsync(string region, CancellationToken cancellationToken)
    {
        try
        {
            using var aws = Process.Start(new ProcessStartInfo("aws",
                ["lambda", "get-account-settings", "--region", region, "--output", "json"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            aws.StandardInput.Close();
            var errors = aws.StandardError.ReadToEndAsync(cancellationToken);
            var text = await aws.StandardOutput.ReadToEndAsync(cancellationToken);
            if (Limits(text) is not { } limits) return Finding.Note(Name, $"Lambda does not tell this account's quotas: {(await errors).Trim()}");
            var (all, free) = limits;
            var figures = $"{region}: {all} functions at once, {free} of them not reserved";
            return all >= UsualConcurrency ? Finding.Ok(Name, figures)
                : Finding.Note(Name, $"{figures}; an account's usual quota is {UsualConcurrency}, so at most {Math.Max(0, free - Unreserved)} can be reserved. Service Quotas raises it (L-B99A9384)");
        }
        catch (Win32Exception)
        {
            return Finding.Skipped(Name, "aws, the AWS CLI, is not on PATH");
        }
    }

    private static (int All, int Free)? Limits(string text)
    {
        try
        {
            var limit = JsonElement.Parse(text).GetProperty("AccountLimit");
            return (limit.GetProperty("ConcurrentExecutions").GetInt32(), limit.GetProperty("UnreservedConcurrentExecutions").GetInt32());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            return null;
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
