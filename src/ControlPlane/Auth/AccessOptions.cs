namespace VmDataset.ControlPlane.Auth;

/// <summary>Who is let in, and how much of it. <c>docs/security.md</c> tells it from the outside.</summary>
public sealed record AccessOptions
{
    /// <summary>The only value of <c>ALLOW_ANONYMOUS</c>: words that nobody sets by mistake.</summary>
    public const string AnonymousPhrase = "everyone-who-can-reach-it";

    /// <summary>Whether everybody is an admin (<c>ALLOW_ANONYMOUS</c>), on whatever address.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Hex SHA-256 of a key's text that is an admin without lying in the store (<c>ADMIN_KEY_SHA256</c>); null for none.</summary>
    public string? AdminKeySha256 { get; init; }

    /// <summary>The OpenID Connect issuer whose tokens are accepted (<c>JWT_AUTHORITY</c>); null for none.</summary>
    public Uri? JwtAuthority { get; init; }

    /// <summary>The audience that tokens must be made for (<c>JWT_AUDIENCE</c>); set with <see cref="JwtAuthority"/>.</summary>
    public string? JwtAudience { get; init; }

    /// <summary>The claim that holds <c>read</c>, <c>submit</c> or <c>admin</c> (<c>JWT_ROLE_CLAIM</c>).</summary>
    public string JwtRoleClaim { get; init; } = "roles";

    /// <summary>
    /// Names in the header Host that are answered (<c>ALLOWED_HOSTS</c>); null for any, but for this machine's own where an
    /// open API listens on loopback.
    /// </summary>
    public IReadOnlyList<string>? AllowedHosts { get; init; }

    /// <summary>Requests that a caller may make in a minute (<c>REQUESTS_PER_MINUTE</c>); null for 600 with credentials, no limit without.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Unfinished jobs that a caller may have (<c>MAX_OPEN_JOBS</c>), unless its key says otherwise; null for any number.</summary>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples of a caller's unfinished jobs (<c>MAX_OPEN_SAMPLES</c>), unless its key says otherwise; null for any number.</summary>
    public int? MaxOpenSamples { get; init; }
}
