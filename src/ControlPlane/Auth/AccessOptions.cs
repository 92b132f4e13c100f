namespace VmDataset.ControlPlane.Auth;

/// <summary>Who is let in, and how much of it. <c>docs/security.md</c> tells it from the outside.</summary>
public sealed record AccessOptions : IValidatableObject
{
    /// <summary>The only value of <c>ALLOW_ANONYMOUS</c>: words that nobody sets by mistake.</summary>
    public const string AnonymousPhrase = "everyone-who-can-reach-it";

    /// <summary>Whether everybody is an admin, on whatever address.</summary>
    [AnonymousPhrase]
    public bool AllowAnonymous { get; init; }

    /// <summary>Hex SHA-256 of a key's text that is an admin without lying in the store; null for none.</summary>
    [Pattern("[0-9A-Fa-f]{64}", Hidden = "SHA-256", Allowed = "64 hexadecimal digits, the SHA-256 of a key's whole text")]
    public string? AdminKeySha256 { get; init => field = value?.ToLowerInvariant(); }

    /// <summary>The OpenID Connect issuer whose tokens are accepted; null for none.</summary>
    [HttpUrl(Secure = true,
        Allowed = "an issuer's https address, such as https://login.example.org/realms/data, or an http one on this machine")]
    public Uri? JwtAuthority { get; init; }

    /// <summary>The audience that tokens must be made for; set with <see cref="JwtAuthority"/>.</summary>
    [Setting]
    public string? JwtAudience { get; init; }

    /// <summary>The claim that holds <c>read</c>, <c>submit</c> or <c>admin</c>.</summary>
    [Setting]
    public string JwtRoleClaim { get; init; } = "roles";

    /// <summary>The console's client id at the issuer: people may sign in there; null: with a key alone.</summary>
    [Setting]
    public string? SignInClientId { get; init; }

    /// <summary>The client's secret at the issuer; null for a public client.</summary>
    [Setting]
    public string? SignInClientSecret { get; init; }

    /// <summary>What a sign-in asks the issuer for, separated by spaces.</summary>
    [Pattern("(.* )?openid( .*)?", Allowed = "scopes separated by spaces, openid among them")]
    public string SignInScope { get; init; } = "openid profile";

    /// <summary>Host names that are answered; null: any, but only this machine's where an open API listens on loopback.</summary>
    [Setting]
    public IReadOnlyList<string>? AllowedHosts { get; init; }

    /// <summary>Requests that a caller may make in a minute; null for 600 with credentials, no limit without.</summary>
    [WholeNumber(1, 1_000_000)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Unfinished jobs that a caller may have, unless its key says otherwise; null for any number.</summary>
    [WholeNumber(0, int.MaxValue)]
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples of a caller's unfinished jobs, unless its key says otherwise; null for any number.</summary>
    [WholeNumber(0, int.MaxValue)]
    public int? MaxOpenSamples { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (JwtAuthority is null != JwtAudience is null)
            yield return new("One of JWT_AUTHORITY and JWT_AUDIENCE is set; "
                + "allowed: both, as a token of the same issuer may be meant for another service, or none.");
        if (SignInClientId is not null && JwtAuthority is null)
            yield return new("SIGN_IN_CLIENT_ID is set without JWT_AUTHORITY; allowed: both, as it is the client's id at that issuer.");
        if (SignInClientSecret is not null && SignInClientId is null)
            yield return new("SIGN_IN_CLIENT_SECRET is set without SIGN_IN_CLIENT_ID; allowed: both, or the id alone for a public client.");
        if (AllowAnonymous && (AdminKeySha256 ?? JwtAudience) is not null)
            yield return new("ALLOW_ANONYMOUS is set beside ADMIN_KEY_SHA256 or JWT_AUTHORITY; "
                + "allowed: one of them, as nobody needs credentials where everybody is let in.");
    }
}

/// <summary>A flag that is true by <see cref="AccessOptions.AnonymousPhrase"/> and cannot be false.</summary>
internal sealed class AnonymousPhraseAttribute()
    : SettingAttribute($"{AccessOptions.AnonymousPhrase}, which lets everyone who can reach the API do everything, or nothing")
{
    public override object? Convert(string text, Type type) => text == AccessOptions.AnonymousPhrase ? true : null;

    public override bool IsUnset(string text, Type type) => text.Length == 0;
}
