using System.Text.RegularExpressions;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Reads <see cref="AccessOptions"/>. What is wrong is left with the reader.</summary>
internal static partial class AccessOptionsReader
{
    public static AccessOptions Read(SettingsReader settings)
    {
        var authority = Authority(settings);
        var options = new AccessOptions
        {
            AllowAnonymous = Anonymous(settings),
            AdminKeySha256 = AdminKey(settings),
            JwtAuthority = authority,
            JwtAudience = settings.Text(nameof(AccessOptions.JwtAudience)),
            JwtRoleClaim = settings.Text(nameof(AccessOptions.JwtRoleClaim)) ?? new AccessOptions().JwtRoleClaim,
            AllowedHosts = settings.Text(nameof(AccessOptions.AllowedHosts))?.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            RequestsPerMinute = settings.WholeNumber(nameof(AccessOptions.RequestsPerMinute), 1, 1_000_000),
            MaxOpenJobs = settings.WholeNumber(nameof(AccessOptions.MaxOpenJobs), 0, int.MaxValue),
            MaxOpenSamples = settings.WholeNumber(nameof(AccessOptions.MaxOpenSamples), 0, int.MaxValue),
        };
        if (settings.Text(nameof(AccessOptions.JwtAuthority)) is null != options.JwtAudience is null)
            settings.Mistake("One of JWT_AUTHORITY and JWT_AUDIENCE is set; allowed: both, as a token of the same issuer may be meant for another service, or none.");
        if (options.AllowAnonymous && (options.AdminKeySha256 ?? options.JwtAudience) is not null)
            settings.Mistake("ALLOW_ANONYMOUS is set beside ADMIN_KEY_SHA256 or JWT_AUTHORITY; allowed: one of them, as nobody needs credentials where everybody is let in.");
        return options;
    }

    private static bool Anonymous(SettingsReader settings)
    {
        if (settings.Text(nameof(AccessOptions.AllowAnonymous)) is not { } text) return false;
        if (text == AccessOptions.AnonymousPhrase) return true;
        settings.Mistake($"ALLOW_ANONYMOUS is '{text}'; allowed: {AccessOptions.AnonymousPhrase}, which lets everyone who can reach the API do everything, or nothing.");
        return false;
    }

    private static string? AdminKey(SettingsReader settings)
    {
        if (settings.Text(nameof(AccessOptions.AdminKeySha256)) is not { } text) return null;
        // Not the value: it may be a key put there by mistake.
        if (!Sha256().IsMatch(text)) settings.Mistake("ADMIN_KEY_SHA256 is no SHA-256; allowed: 64 hexadecimal digits, the SHA-256 of a key's whole text.");
        return text.ToLowerInvariant();
    }

    private static Uri? Authority(SettingsReader settings)
    {
        if (settings.Text(nameof(AccessOptions.JwtAuthority)) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var authority)
            && (authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
        {
            return authority;
        }

        settings.Mistake($"JWT_AUTHORITY is '{text}'; allowed: an issuer's https address, such as https://login.example.org/realms/data, or an http one on this machine.");
        return null;
    }

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();
}
