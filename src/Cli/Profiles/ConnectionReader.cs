using VmDataset.Cli.Api;

namespace VmDataset.Cli.Profiles;

/// <summary>
/// Decides which API is meant. Address and key come from one place together, so that no key goes to another API: the profile that is
/// named, or <c>VMDS_URL</c> and <c>VMDS_API_KEY</c>, or <c>API_URL</c> and <c>API_KEY</c>, or the profile <c>default</c>, or this machine.
/// </summary>
internal static partial class ConnectionReader
{
    private const string Local = "http://127.0.0.1:8080";

    /// <param name="profileName">The profile that the command line names.</param>
    /// <param name="sign">Whether to sign; null to tell by the host.</param>
    /// <exception cref="UsageException">A setting is wrong.</exception>
    public static Connection Read(string? profileName, bool? sign)
    {
        var source = Choose(profileName);
        var address = source.Url ?? Local;
        if (Address().Match(address) is not { Success: true } match) throw new UsageException(
            $"{source.UrlName} is '{address}'; allowed: http:// or https://, a host and perhaps a port, such as {Local}.");
        if (source.Key is { } key && !KeyText().IsMatch(key))
            throw new UsageException($"{source.KeyName} has characters that no key and no token has.");
        return new Connection(address.TrimEnd('/'), source.Key, source.KeyName, Signer(match.Groups[1].Value, sign ?? source.Sign));
    }

    private static Source Choose(string? profileName)
    {
        if (profileName is not null) return Of(profileName, ProfileFile.Find(profileName) ?? throw new UsageException(
            $"--profile is '{profileName}'; allowed: {ProfileFile.Names()}, the profiles of {ProfileFile.Path}."));
        if (Variable("VMDS_URL") is not null || Variable("VMDS_API_KEY") is not null) return Environment("VMDS_URL", "VMDS_API_KEY");
        if (Variable("API_URL") is not null || Variable("API_KEY") is not null) return Environment("API_URL", "API_KEY");
        if (ProfileFile.Find(ProfileFile.Default) is { } usual) return Of(ProfileFile.Default, usual);
        return Environment("VMDS_URL", "VMDS_API_KEY");
    }

    private static Source Of(string name, Profile profile) =>
        new(profile.Url, $"url of the profile '{name}'", profile.ApiKey, $"api_key of the profile '{name}'", profile.Sign);

    private static Source Environment(string url, string key) => new(Variable(url), url, Variable(key), key, null);

    private static AwsSigner? Signer(string host, bool? sign)
    {
        var region = AwsSigner.RegionOf(host);
        if (sign ?? region is not null) region ??= Variable("AWS_REGION");
        else return null;
        var credentials = new AwsCredentials(TimeProvider.System);
        if (region is not null) return new AwsSigner(credentials, region, TimeProvider.System);
        var keys = Variable("AWS_ACCESS_KEY_ID") is null ? " AWS_ACCESS_KEY_ID is not set either, which AWS CLI 2 could replace." : "";
        throw new UsageException($"AWS_REGION is not set, and {host} does not name a region; it is needed to sign requests.{keys}");
    }

    private static string? Variable(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex(@"\Ahttps?://([^/:@?#\[\]\s]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?/?\z")]
    private static partial Regex Address();

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/=-]+\z")]
    private static partial Regex KeyText();

    private sealed record Source(string? Url, string UrlName, string? Key, string KeyName, bool? Sign);
}
